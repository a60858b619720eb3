"""Another implementation reads our certificates: `jose` for JavaScript.

It is not one of Assay's dependencies. To run these tests:

    npm install --prefix /tmp/jose jose && ASSAY_NODE_MODULES=/tmp/jose/node_modules make test
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from alices_certificate import NOW, PAGE

SCRIPT = """
import(process.argv[1]).then(async jose => {
  const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const header = jose.decodeProtectedHeader(input.token);
  const keys = jose.createLocalJWKSet({keys: [input.jwk]});
  const {payload} = await jose.jwtVerify(
    input.token,
    // A key set is searched by the key's own name, which is the last part of its address.
    protectedHeader => keys({...protectedHeader, kid: protectedHeader.kid.split("/").pop()}),
    {algorithms: ["RS256"], currentDate: new Date(input.now), typ: "JWT", issuer: input.iss},
  );
  const inside = await jose.calculateJwkThumbprint(header.jwk);
  process.stdout.write(JSON.stringify({jti: payload.jti, inside}));
}).catch(error => process.stdout.write(JSON.stringify({error: error.code ?? String(error)})));
"""


@pytest.fixture
def jose(key):
    """Return a function that lets `jose` check a token."""
    node = shutil.which("node")
    folder = os.environ.get("ASSAY_NODE_MODULES")
    if not node or not folder or not (Path(folder) / "jose" / "package.json").exists():
        pytest.skip("needs node and its package jose; see this file's docstring")
    package = Path(folder) / "jose"
    entry = json.loads((package / "package.json").read_text())["main"]

    def check(token: str) -> dict[str, str]:
        run = subprocess.run(
            [node, "-e", SCRIPT, (package / entry).as_uri()],
            input=json.dumps(
                {
                    "token": token,
                    "jwk": key.public.published_jwk,
                    "now": NOW.isoformat(),
                    "iss": "https://exam.example.org/issuer",
                }
            ),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return json.loads(run.stdout)

    return check


def test_jose_accepts_a_certificate(jose, token, key):
    assert jose(token) == {"jti": PAGE, "inside": key.public.kid}


def test_jose_refuses_a_changed_certificate(jose, token):
    header, claims, signature = token.split(".")
    middle = len(claims) // 2
    changed = claims[:middle] + ("A" if claims[middle] != "A" else "B") + claims[middle + 1 :]

    assert jose(f"{header}.{changed}.{signature}") == {
        "error": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    }
