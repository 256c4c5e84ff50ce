"""usage: send_segment.py HOST WRITE_KEY: each call of said.py, by the published Segment client. Ends well when all is delivered."""

import sys

from said import consent, say
from segment.analytics.client import Client

failed = []
client = Client(
    sys.argv[2], host=sys.argv[1], upload_size=3, upload_interval=0.1, gzip=True, on_error=lambda error, batch: failed.append(error)
)
say(client, "segment-python", {"consent": consent})
client.flush()
sys.exit(str(failed) if failed else 0)
