"""The real, unchanged binary under faults put between it and libc (faults.c): it dies inside each delicate step, or its disk
fails. Whatever was acknowledged is there afterwards, once, readable with its key."""

import http.client
import json
import os
import pathlib
import re
import threading
import unittest

from house import KEY, House

CONSENT = {"consent": {"categoryPreferences": {"personalise": True, "measure": True}}}
LIBRARY = os.environ.get("HOSPES_FAULTS_LIB", "")


class Load(threading.Thread):
    """Sends batches until the house goes or refuses; remembers which were acknowledged."""

    def __init__(self, house, name, events, bytes_each, batches_max=5000):
        super().__init__()
        self.house, self.name, self.events, self.bytes_each, self.batches_max = house, name, events, bytes_each, batches_max
        self.acknowledged, self.refusal = [], None

    def batch(self, n):
        text = "x" * min(8000, self.bytes_each)
        wide = {f"p{i}": text for i in range(max(1, self.bytes_each // 8000))}
        items = []
        for i in range(self.events):
            message = f"{self.name}-{n}-{i}"
            item = {"type": "track", "userId": f"{self.name}-{i % 7}", "event": "Fault", "messageId": message, "context": CONSENT}
            if i % 3 == 0:  # new identifiers all the time: new keys, joins across partitions
                item["anonymousId"] = f"dev-{message}"
            items.append({**item, "properties": {"mark": message, **wide}})
        return json.dumps({"batch": items})

    def send(self, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.house.public, timeout=30)
        try:
            connection.request("POST", "/v1/batch", body, {"X-Write-Key": KEY})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.getheader("Retry-After")
        finally:
            connection.close()

    def run(self):
        for n in range(self.batches_max):
            try:
                status, text, retry = self.send(self.batch(n))
            except (OSError, http.client.HTTPException):
                return
            if status != 200:
                self.refusal = (status, text, retry)
                return
            self.acknowledged.append(n)


class Whole:
    """For test cases: nothing that was acknowledged is missing."""

    def check_all_there(self, house, loads):
        """What was acknowledged is known: sent again it changes nothing. The newest is read whole."""
        house.settle()
        events = house.metric("hospes_flow_events_total")
        self.assertEqual(house.metric("hospes_flow_erased_total"), 0, "each record has its key")
        for load in loads:
            for n in load.acknowledged:
                self.assertEqual(load.send(load.batch(n))[0], 200)
            if not load.acknowledged:
                continue
            last = load.acknowledged[-1]
            wanted = {f"{load.name}-{last}-{i}" for i in range(load.events) if i % 7 == 0}
            names = [m["properties"].get("mark") for m in house.profile(f"user_id:{load.name}-0")["timeline"]]
            self.assertEqual(len(names), len(set(names)), "nothing is there twice")
            self.assertLessEqual(wanted, set(names))
        house.settle()
        self.assertEqual(house.metric("hospes_flow_events_total"), events, "an acknowledged event was lost")
        return sum(len(load.acknowledged) * load.events for load in loads)


class Faults(Whole, unittest.TestCase):
    def house(self, fault, *settings):
        house = House()
        self.addCleanup(house.folder.cleanup)
        house.more_settings = list(settings)
        house.environment = {**os.environ, "LD_PRELOAD": LIBRARY, "HOSPES_FAULT": fault}
        return house

    def load(self, house, events, bytes_each):
        loads = [Load(house, f"l{i}", events, bytes_each) for i in range(2)]
        for load in loads:
            load.start()
        for load in loads:
            load.join()
        return loads

    def dies_at(self, fault, *settings, events=20, bytes_each=100):
        house = self.house(fault, *settings)
        house.start()
        loads = self.load(house, events, bytes_each)
        self.assertEqual(house.process.wait(timeout=60), -9, f"{fault} was never met")
        house.kill()
        house.environment = None
        house.start()
        count = self.check_all_there(house, loads)
        self.assertEqual(house.stop(), 0)
        print(f"{fault}: {count} acknowledged events, all there", flush=True)

    def test_killed_inside_segment_recycling(self):
        released = "rename:/log/segment-:1"  # the oldest segment becomes a spare
        for fault in (
            released + ":kill",
            released + ";pwrite:/log/spare-:1:killed",
        ):
            with self.subTest(fault):
                # The log is kept until the lake has read it, so the lake reads often.
                self.dies_at(fault, "lake.every_s=1", events=80, bytes_each=40_000)

    def test_killed_inside_a_checkpoint(self):
        busy = "fdatasync:/log/segment-:60"
        for n in (1, 2, 5):
            for what in ("kill", "killed"):
                fault = f"{busy};fdatasync:/store/:{n}:{what}"
                with self.subTest(fault):
                    self.dies_at(fault)

    def test_killed_while_keys_are_made(self):
        busy = "fdatasync:/log/segment-:20"
        for fault in (
            busy + ";pwrite:/keys/keys/atoms-:7:kill",
            busy + ";pwrite:/keys/keys/atoms-:7:killed",
            busy + ";fdatasync:/keys/keys/atoms-:7:kill",
            busy + ";fdatasync:/keys/keys/atoms-:7:killed",
        ):
            with self.subTest(fault):
                self.dies_at(fault)

    def test_killed_at_every_step_of_the_first_start(self):
        kills = 0
        for call in ("pwrite", "fdatasync", "fsync", "rename"):
            for n in range(1, 100):
                house = self.house(f"{call}:/keys/:{n}:killed")
                try:
                    house.start()
                except RuntimeError:
                    house.kill()
                    kills += 1
                    house.environment = None
                    house.start()
                    self.assertEqual(house.post("/v1/track", {"userId": "u", "event": "E", "context": CONSENT})[0], 200)
                    house.settle()
                    self.assertEqual(len(house.profile("user_id:u")["timeline"]), 1)
                    self.assertEqual(house.stop(), 0)
                else:
                    house.kill()
                    break
        self.assertGreater(kills, 8)
        print(f"{kills} first starts killed at a step of making the keys, each next one is whole")

    def fails_at(self, fault, reason, *settings):
        house = self.house(fault, "log.format=json", *settings)
        house.start()
        loads = self.load(house, 20, 100)
        self.assertIsNone(house.process.poll(), "it stays up")
        for load in loads:
            self.assertIsNotNone(load.refusal, f"{fault} was never met")
            self.assertEqual(load.refusal[0], 503, load.refusal)
            self.assertTrue(1 <= int(load.refusal[2]) <= 300)
        status, why = house.get("/readyz")
        self.assertEqual(status, 503)
        self.assertRegex(why.decode(), reason)
        self.assertEqual(house.metric("hospes_server_ready_state"), 0)
        self.assertIsNotNone(house.profile("user_id:l0-0"), "it still reads")
        self.assertEqual(house.stop(), 0)
        kinds = [json.loads(line) for line in (house.root / "out.log").read_text().splitlines()]
        self.assertRegex([k["message"] for k in kinds if k["kind"] == "server.read_only"][0], reason)
        house.environment = None
        house.start()
        self.assertEqual(house.get("/readyz")[0], 200)
        count = self.check_all_there(house, loads)
        self.assertEqual(house.stop(), 0)
        print(f"{fault}: read-only; {count} acknowledged events, all there", flush=True)

    def test_a_failing_sync_of_the_log_turns_it_read_only(self):
        self.fails_at("fdatasync:/log/segment-:80:EIO", "cannot sync .*/log/.*Input/output error")

    def test_a_failing_sync_of_the_keys_turns_it_read_only(self):
        self.fails_at("fdatasync:/keys/keys/atoms-:20:EIO", "key store is read-only.*Input/output error")

    def test_a_failing_checkpoint_turns_it_read_only(self):
        self.fails_at("fdatasync:/log/segment-:60;fdatasync:/store/:3:EIO", "the store cannot .*Input/output error")

    def test_a_log_that_finds_no_space_turns_read_only(self):
        self.fails_at("fdatasync:/log/segment-:60;pwrite:/log/segment-:1:ENOSPC", "No space left on device; free some space")


class FaultsLong(Faults):
    """Further places; each is minutes on a slow disk."""

    def test_killed_inside_segment_recycling(self):
        released = "rename:/log/segment-:1"
        for fault in (
            released + ":killed",
            released + ";fsync:/log$:1:kill",
            released + ";rename:/log/spare-:1:kill",
            released + ";rename:/log/spare-:1:killed",
            "rename:/log/segment-:2:killed",
        ):
            with self.subTest(fault):
                # The log is kept until the lake has read it, so the lake reads often.
                self.dies_at(fault, "lake.every_s=1", events=80, bytes_each=40_000)

    def test_killed_inside_a_checkpoint(self):
        for n in range(1, 25):
            fault = f"fdatasync:/log/segment-:{20 * n};fdatasync:/store/:{n}:killed"
            with self.subTest(fault):
                self.dies_at(fault)


if __name__ == "__main__":
    if not LIBRARY or not pathlib.Path(LIBRARY).exists():
        raise SystemExit("HOSPES_FAULTS_LIB names no library: build the target hospes_faults")
    unittest.main()
