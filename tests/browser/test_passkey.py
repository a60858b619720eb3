"""A passkey: made on one's account page, and good for signing in without a password."""

from __future__ import annotations

import way
from playwright.sync_api import expect

PERSON = {"name": "Alice Example", "address": "passkey@example.org"}
# An authenticator that is built into the device and knows its owner, who always agrees.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_signs_in_without_a_password(visit, mail):
    with visit("passkey") as alice:
        browser = alice.page.context.new_cdp_session(alice.page)
        browser.send("WebAuthn.enable")
        made = browser.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

        def kept():
            return browser.send("WebAuthn.getCredentials", made)["credentials"]

        alice.go("/accounts/signup/")
        way.sign_up(alice, mail, **PERSON)
        alice.sees("/me/$")
        alice.look("me")
        alice.go("/accounts/2fa/webauthn/add/")
        if "reauthenticate" in alice.page.url:
            alice.look("is-it-you")
            alice.write("id_password", way.PASSWORD)
            alice.page.keyboard.press("Enter")
            alice.sees("/webauthn/add/$")
        alice.write("id_name", "Laptop")
        alice.press(alice.page.get_by_role("checkbox"))
        alice.look("add-a-passkey")
        alice.press(alice.button("Add a passkey"))
        # A second factor may get lost: codes for that case come with the first one.
        alice.sees("/recovery-codes/$")
        alice.look("recovery-codes")

        assert len(kept()) == 1
        alice.go("/accounts/2fa/webauthn/")
        alice.reads("signs in without a password")
        expect(alice.page.locator("main")).to_contain_text("Laptop")
        alice.look("passkeys")
        alice.press(alice.button("Sign out", within="header"))
        expect(alice.link("Sign in", within="header")).to_be_visible()

        alice.go("/accounts/login/?next=/registrations/")
        alice.press(alice.button("Sign in with a passkey"))
        alice.sees("/registrations/$")
        expect(alice.page.locator("header .who")).to_have_text(PERSON["name"])
        assert kept()[0]["signCount"] > 1

        # A passkey of somebody else's device does not sign in, and the page says so.
        alice.press(alice.button("Sign out", within="header"))
        browser.send("WebAuthn.clearCredentials", made)
        alice.go("/accounts/login/")
        alice.press(alice.button("Sign in with a passkey"))
        alice.reads("The passkey was not used. Try again, or sign in with your password.")
        alice.look("passkey-not-used")
