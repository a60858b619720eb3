/* Signs in with a passkey, adds one, or asks for one as the second factor.

   A form with data-passkey="sign-in" fetches what the authenticator is to be asked from its own
   address; one with "get" or "create" carries it in data-options. What the authenticator answers
   goes into the field `credential`, and the form is sent. */

"use strict";

function bytes(text) {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(padded), (character) => character.charCodeAt(0));
}

function text(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(characters.join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function decoded(options) {
  const publicKey = { authenticatorSelection: {}, ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  const identified = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  if (publicKey.user) publicKey.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  if (publicKey.excludeCredentials) publicKey.excludeCredentials = identified(publicKey.excludeCredentials);
  if (publicKey.allowCredentials) publicKey.allowCredentials = identified(publicKey.allowCredentials);
  return { ...options, publicKey };
}

function encoded(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function asked(form) {
  if (form.dataset.passkey !== "sign-in") return JSON.parse(form.dataset.options);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options;
}

async function answer(form) {
  const options = decoded(await asked(form));
  if (form.dataset.passkey !== "create") return navigator.credentials.get(options);
  const passwordless = form.elements.passwordless;
  if (passwordless) {
    const wanted = options.publicKey.authenticatorSelection;
    wanted.residentKey = passwordless.checked ? "required" : "discouraged";
    wanted.requireResidentKey = passwordless.checked;
    if (passwordless.checked) wanted.userVerification = "required";
  }
  return navigator.credentials.create(options);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failure = form.querySelector("p[role=alert]");
    failure.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(encoded(await answer(form)));
      form.submit();
    } catch {
      failure.textContent = form.dataset.failed;
      failure.hidden = false;
    }
  });
}
