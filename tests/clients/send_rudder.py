"""usage: send_rudder.py HOST WRITE_KEY: each call of said.py, by the published RudderStack client. Ends well when all is delivered."""

import sys

from rudderstack.analytics.client import Client
from said import consent_management, say

failed = []
client = Client(
    sys.argv[2], host=sys.argv[1], upload_size=3, upload_interval=0.1, on_error=lambda error, batch: failed.append(error)
)
say(client, "rudder-python", {"consentManagement": consent_management})
client.flush()
sys.exit(str(failed) if failed else 0)
