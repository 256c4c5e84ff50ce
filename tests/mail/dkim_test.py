"""The signatures as dkimpy reads them, another implementation than mailauth. 77: this Python has none (Debian: python3-dkim, python3-nacl)."""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import dkim
    import nacl  # noqa: F401: what dkim needs for Ed25519
except ImportError:
    print("skipped: this Python has no dkim or no nacl (Debian's python3-dkim, python3-nacl)")
    sys.exit(77)

here = pathlib.Path(__file__).parent
USUAL = {"from": "Disquaire <bonjour@mail.disquaire.example>", "to": "zoe@example.org", "message_id": "af1c@mail.disquaire.example",
         "date": "2026-11-27T10:00:00Z", "domain": "mail.disquaire.example"}


def main():
    with tempfile.TemporaryDirectory() as folder:
        ed, rsa = f"{folder}/ed.pem", f"{folder}/rsa.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", ed], check=True)
        subprocess.run(["openssl", "genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out", rsa], check=True, stderr=subprocess.DEVNULL)
        driver = subprocess.Popen([os.environ["HOSPES_MAIL_DRIVER"], f"e:{ed}", f"r:{rsa}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        records = {}
        for _ in range(2):
            selector, record = driver.stdout.readline().strip().split(" ", 1)
            records[f"{selector}._domainkey.{USUAL['domain']}."] = record

        def dns(name, timeout=5):
            return records.get(name.decode() if isinstance(name, bytes) else name, "").encode()

        def passes(message, index):
            return dkim.DKIM(message, minkey=1024).verify(idx=index, dnsfunc=dns)

        checked = 0
        for letter in json.loads((here / "letters.json").read_text()):
            driver.stdin.write(json.dumps({**USUAL, **letter}) + "\n")
            driver.stdin.flush()
            line = driver.stdout.readline().strip()
            assert not line.startswith("error"), line
            message = base64.b64decode(line)
            for index in (0, 1):
                assert passes(message, index), f"signature {index} of {letter['subject']!r}"
                for before, after in [(b"\r\nSubject: ", b"\r\nSubject: x"), (b"\r\nFrom: ", b"\r\nFrom: y@evil.example\r\nFrom: "), (b"\r\n\r\n", b"\r\n\r\nx")]:
                    bad = re.sub(re.escape(before), after, message, count=1)
                    try:
                        good = passes(bad, index)
                    except dkim.DKIMException:
                        good = False
                    assert bad != message and not good, f"{after!r} goes unnoticed in {letter['subject']!r}"
                    checked += 1
        driver.stdin.close()
        print(f"{checked} changed messages refused by dkimpy, all unchanged ones accepted")


if __name__ == "__main__":
    main()
