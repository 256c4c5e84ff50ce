"""SIGTERM under load: every answer 200 is there after the restart, and the exit comes within 20 s, with 0."""

import signal
import socket
import time
import unittest

from faults_test import Load, Whole
from house import KEY, House


class Term(Whole, unittest.TestCase):
    def test_every_accepted_event_outlives_a_stop(self):
        house = House()
        self.addCleanup(house.folder.cleanup)
        total = 0
        for life in range(2):
            house.start()
            # Clients that never finish must not hold it up: a silent one, and one in the middle of a body.
            rude = [socket.create_connection(("127.0.0.1", port)) for port in (house.public, house.public, house.console)]
            rude[1].sendall(f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nX-Write-Key: {KEY}\r\nContent-Length: 100\r\n\r\n{{".encode())
            loads = [Load(house, f"t{life}-{i}", 10, 100) for i in range(4)]
            for load in loads:
                load.start()
            while any(len(load.acknowledged) < 25 for load in loads):
                self.assertIsNone(house.process.poll())
            began = time.monotonic()
            self.assertEqual(house.stop(), 0)
            self.assertLess(time.monotonic() - began, 20)
            for load in loads:
                load.join()
                # Refused while it stops, or the connection was closed: nothing in between.
                self.assertTrue(load.refusal is None or load.refusal[0] in (429, 503), load.refusal)
            for client in rude:
                client.close()
            house.start()
            total += self.check_all_there(house, loads)
            self.assertEqual(house.stop(), 0)
        print(f"2 stops under load, {total} acknowledged events, all there", flush=True)

    def test_a_second_signal_changes_nothing(self):
        house = House()
        self.addCleanup(house.folder.cleanup)
        house.start()
        load = Load(house, "s", 10, 100)
        load.start()
        while len(load.acknowledged) < 5:
            self.assertTrue(load.is_alive())
        house.process.send_signal(signal.SIGTERM)
        house.process.send_signal(signal.SIGINT)
        self.assertEqual(house.stop(), 0)
        load.join()
        house.start()
        self.check_all_there(house, [load])
        self.assertEqual(house.stop(), 0)


if __name__ == "__main__":
    unittest.main()
