"""How a house starts, or says why it does not: taken ports, a folder in use, the log that is still replayed, the diary."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import unittest

from house import KEY, ROOT, House

CONSENT = {"consent": {"categoryPreferences": {"personalise": True, "measure": True}}}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def words(house, *more):
    """A command line of its own over the folders of `house`; later settings win."""
    line = [house.binary, "serve", "--config", str(house.config)]
    for setting in house.settings() + list(more):
        line += ["--set", setting]
    return line


class Start(unittest.TestCase):
    def house(self):
        house = House()
        self.addCleanup(house.folder.cleanup)
        return house

    def test_a_second_house_on_the_same_data_is_refused_with_the_pid(self):
        house = self.house().start()
        second = subprocess.run(words(house), capture_output=True, text=True, timeout=60)
        self.assertEqual(second.returncode, 3)
        self.assertIn(f"data is in use by hospes (pid {house.process.pid}). Stop that one first", second.stderr)
        other_data = subprocess.run(
            words(house, f"data.folder={house.root}/other"), capture_output=True, text=True, timeout=60
        )
        self.assertEqual(other_data.returncode, 3)
        self.assertIn(f"keys is in use by hospes (pid {house.process.pid})", other_data.stderr)
        house.kill()
        again = house.start()  # the lock of a killed process is void
        self.assertEqual(again.stop(), 0)

    def test_a_taken_port_is_told_with_its_holder_and_what_to_do(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            for section, word in (("public", "--public"), ("console", "--console")):
                house = self.house()
                refused = subprocess.run(
                    words(house) + [word, f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=60
                )
                self.assertEqual(refused.returncode, 3)
                self.assertRegex(
                    refused.stderr,
                    rf"^error: 127\.0\.0\.1:{port} is taken by .+ \(pid {os.getpid()}\)\. "
                    rf"Change \[{section}\] listen in hospes\.toml, or: hospes serve {word} 127\.0\.0\.1:\d+\n$",
                )
                advised = int(re.search(r":(\d+)\n$", refused.stderr).group(1))
                self.assertGreater(advised, port)

    def test_both_listeners_say_that_the_house_is_starting(self):
        house = self.house()
        public, console = free_port(), free_port()
        line = words(house, "store.checkpoint_s=600", f"public.listen=127.0.0.1:{public}", f"console.listen=127.0.0.1:{console}")
        # The load makes a log that takes a while to replay; a kill leaves all of it to the next start.
        first = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for text in first.stdout:
            if "owner link" in text:
                break
        batch = [
            {"type": "track", "userId": f"u{i % 50}", "event": "Seen", "messageId": f"m{{}}-{i}", "context": CONSENT}
            for i in range(2000)
        ]
        body = json.dumps({"batch": batch})
        connection = http.client.HTTPConnection("127.0.0.1", public, timeout=60)
        for i in range(15):
            connection.request("POST", "/v1/batch", body.replace("{}", str(i)), {"X-Write-Key": KEY})
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.read()[:16]), (200, b'{"success":true,'))
        connection.close()
        first.kill()
        first.wait()
        first.stdout.close()
        second = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        seen = {}
        while True:
            for port, path in ((console, "/healthz"), (console, "/readyz"), (public, "/v1/track")):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                answer = None
                try:
                    connection.request("GET" if port == console else "POST", path, headers={"X-Write-Key": KEY})
                    answer = connection.getresponse()
                    seen.setdefault((path, answer.status), (answer.read().decode(), answer.getheader("Retry-After")))
                except (ConnectionRefusedError, ConnectionResetError):
                    pass
                finally:
                    if answer:
                        answer.close()
                    connection.close()
            if ("/readyz", 200) in seen:
                break
            self.assertIsNone(second.poll())
        self.assertIn("the house is starting: ", seen[("/readyz", 503)][0])
        self.assertIn("records of the log replayed so far", seen[("/v1/track", 503)][0])
        self.assertEqual(seen[("/v1/track", 503)][1], "5")
        self.assertNotIn(("/healthz", 503), seen)
        second.send_signal(signal.SIGTERM)
        self.assertEqual(second.wait(timeout=20), 0)
        second.stdout.close()

    def test_json_logs_tell_start_recovery_stop_and_a_refused_start(self):
        house = self.house()
        house.config.write_text('[log]\nformat = "json"\n')
        house.start()
        house.stop()
        lines = [json.loads(line) for line in (house.root / "out.log").read_text().splitlines()]
        kinds = [line["kind"] for line in lines]
        self.assertEqual(
            kinds, ["server.starting", "server.recovered", "server.live", "server.stopping", "server.stopped"]
        )
        self.assertTrue(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"]) for line in lines))
        refused = subprocess.run(
            words(house, "log.format=json", "store.partitions=17"), capture_output=True, text=True, timeout=60
        )
        self.assertEqual(refused.returncode, 3)
        last = json.loads(refused.stderr.splitlines()[-1])
        self.assertEqual(last["kind"], "server.refused_start")
        self.assertIn("16 partitions", last["message"])

    def test_keys_within_the_data_are_refused(self):
        house = self.house()
        refused = subprocess.run(
            words(house, f"keys.folder={house.root}/data/keys"), capture_output=True, text=True, timeout=60
        )
        self.assertEqual(refused.returncode, 3)
        self.assertIn("must be apart", refused.stderr)


if __name__ == "__main__":
    unittest.main()
