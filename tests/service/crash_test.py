"""kill -9 of the real server under load: every acknowledged event is applied exactly once and readable afterwards."""

import argparse
import http.client
import json
import random
import threading

from house import KEY, House

CONSENT = {"consent": {"categoryPreferences": {"personalise": True, "measure": True}}}


class Sender(threading.Thread):
    """Sends events of one person until the server goes; remembers what was acknowledged."""

    def __init__(self, house, person, acknowledged, counter):
        super().__init__()
        self.house, self.person, self.acknowledged, self.counter = house, person, acknowledged, counter

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.house.public, timeout=10)
        try:
            while True:
                n = self.counter[0] = self.counter[0] + 1
                message = f"{self.person}-{n}"
                item = {"type": "track", "userId": self.person, "event": message, "messageId": message, "context": CONSENT}
                if n % 3 == 0:  # new identifiers all the time: new keys, joins across partitions
                    item = {**item, "type": "identify", "anonymousId": f"dev-{self.person}-{n % 12}", "traits": {"n": n}}
                connection.request("POST", "/v1/batch", json.dumps({"batch": [item]}), {"X-Write-Key": KEY})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    return
                self.acknowledged.append(message)
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()


def check(house, people):
    """Asks until the person is whole: an event may still be on its way between partitions after a start."""
    for person, (acknowledged, _) in people.items():
        for _ in range(2000):
            status, text = house.get("/metrics")
            assert status == 200
            if "hospes_node_waiting_records 0\n" in text.decode():
                break
        profile = house.profile(f"user_id:{person}")
        assert profile is not None, person
        yield person, acknowledged, profile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    print(f"seed {options.seed}, {options.kills} kills")
    house = House().start()
    total = 0
    for kill in range(options.kills):
        people = {f"p{kill}-{i}": ([], [0]) for i in range(3)}
        senders = [Sender(house, person, *state) for person, state in people.items()]
        for sender in senders:
            sender.start()
        threading.Event().wait(dice.uniform(0.02, 0.4))  # the load runs meanwhile
        house.kill()
        for sender in senders:
            sender.join()
        house.start()
        for person, acknowledged, profile in check(house, {p: s for p, s in people.items() if s[0]}):
            # The console shows the newest 200 moments; identify calls are told apart by their trait.
            seen = [m["properties"].get("n") or m["event"] for m in profile["timeline"]]
            seen = [f"{person}-{s}" if isinstance(s, int) else s for s in seen]
            assert len(seen) == len(set(seen)), f"kill {kill}: something of {person} is there twice"
            lost = [m for m in acknowledged[-150:] if m not in seen]
            assert not lost, f"kill {kill}: {person} lost {lost[:5]} of {len(acknowledged)} acknowledged"
            total += len(acknowledged)
    assert house.stop() == 0
    print(f"{options.kills} kills, {total} acknowledged events, none lost, none twice")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
