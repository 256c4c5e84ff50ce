"""The real binary on a disk that runs out of room: it turns read-only with a clear reason before anything is lost, and resumes."""

import ctypes
import errno
import json
import os
import shutil
import subprocess
import unittest

from faults_test import CONSENT, Load, Whole
from house import House

TEXT = r"the disk of the data folder has \d+ MB free, less than \[disk\] floor_mb = {}: the house reads but accepts nothing\. "
BEYOND_ANY_DISK = 1_000_000  # MB


def own_mounts():
    """Parts this process's mounts from the machine's. A reason when that is not allowed here."""
    if os.geteuid() != 0:
        return "a small disk of its own needs root"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) != 0:  # CLONE_NEWNS
        return "this machine gives no mount namespace: " + os.strerror(ctypes.get_errno())
    private = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True)
    return private.stderr if private.returncode else None


NO_MOUNTS = own_mounts()


class Space(Whole, unittest.TestCase):
    def house(self, *settings):
        house = House()
        self.addCleanup(house.folder.cleanup)
        house.more_settings = list(settings)
        return house

    def small_disk(self, house, mb):
        folder = house.root / "data"
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mb}m", "tmpfs", str(folder)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)], check=True)
        return folder

    def fill(self, folder, leave_mb):
        """Somebody else's file takes the room: all but `leave_mb`, or, for 0, all to the last page."""
        stuff = folder / "somebody-elses"
        size = shutil.disk_usage(folder).free - (leave_mb << 20)
        with open(stuff, "wb", buffering=0) as file:
            if leave_mb:
                os.posix_fallocate(file.fileno(), 0, size)
                return stuff
            for piece in (1 << 20, 4096):
                try:
                    while file.write(bytes(piece)):
                        pass
                except OSError as full:
                    self.assertEqual(full.errno, errno.ENOSPC)
        return stuff

    def test_a_new_house_below_the_floor_says_so(self):
        house = self.house(f"disk.floor_mb={BEYOND_ANY_DISK}")
        with self.assertRaisesRegex(RuntimeError, "error: " + TEXT.format(BEYOND_ANY_DISK)):
            house.start()
        house.kill()

    def test_a_house_that_wakes_below_the_floor_reads_only(self):
        house = self.house().start()
        self.assertEqual(house.post("/v1/track", {"userId": "u", "event": "E", "context": CONSENT})[0], 200)
        house.settle()
        self.assertEqual(house.stop(), 0)
        house.more_settings = [f"disk.floor_mb={BEYOND_ANY_DISK}"]
        house.start()
        for user in ("u", "new"):
            status, text = house.post("/v1/track", {"userId": user, "event": "E2", "context": CONSENT})
            self.assertEqual(status, 503, text)
        status, why = house.get("/readyz")
        self.assertEqual(status, 503)
        self.assertRegex(why.decode(), TEXT.format(BEYOND_ANY_DISK) + "Free some space; it resumes by itself")
        self.assertEqual(house.get("/healthz")[0], 200)
        self.assertEqual(house.metric("hospes_server_ready_state"), 0)
        self.assertEqual([m["event"] for m in house.profile("user_id:u")["timeline"]], ["E"])
        self.assertEqual(house.stop(), 0)

    @unittest.skipIf(NO_MOUNTS, NO_MOUNTS)
    def test_at_the_floor_it_reads_and_when_space_is_back_it_takes_again(self):
        house = self.house("log.format=json", "disk.floor_mb=100")
        folder = self.small_disk(house, 700)
        house.start()
        load = Load(house, "a", 20, 100, batches_max=50)
        load.run()
        self.assertEqual(len(load.acknowledged), 50)
        stuff = self.fill(folder, 90)
        status, text, retry = load.send(load.batch(50))
        self.assertEqual((status, retry), (503, "5"), text)
        self.assertRegex(house.get("/readyz")[1].decode(), TEXT.format(100))
        self.assertIsNotNone(house.profile("user_id:a-0"))
        stuff.unlink()
        self.assertEqual(load.send(load.batch(50))[0], 200)
        load.acknowledged.append(50)
        self.assertEqual(house.get("/readyz")[0], 200)
        # Room lost and regained under load, often: nothing acknowledged is missing after a kill.
        for n in range(51, 71):
            stuff = self.fill(folder, 90)
            self.assertEqual(load.send(load.batch(n))[0], 503)
            stuff.unlink()
            self.assertEqual(load.send(load.batch(n))[0], 200)
            load.acknowledged.append(n)
        house.kill()
        house.start()
        self.check_all_there(house, [load])
        self.assertEqual(house.stop(), 0)

    @unittest.skipIf(NO_MOUNTS, NO_MOUNTS)
    def test_a_disk_filled_to_the_last_byte_loses_nothing(self):
        for seconds in ("1", "600"):  # with checkpoints under way, and without
            with self.subTest(checkpoint_s=seconds):
                house = self.house("log.format=json", "disk.floor_mb=16", f"store.checkpoint_s={seconds}")
                folder = self.small_disk(house, 600)
                house.start()
                load = Load(house, "b", 50, 8_000)
                load.start()
                while len(load.acknowledged) < 20 and load.is_alive():
                    pass
                stuff = self.fill(folder, 0)
                load.join()
                self.assertIsNotNone(load.refusal, "it stays up")
                self.assertEqual(load.refusal[0], 503, load.refusal)
                self.assertEqual(house.get("/readyz")[0], 503)
                self.assertIsNotNone(house.profile("user_id:b-0"), "it still reads")
                self.assertEqual(house.stop(), 0)
                told = [json.loads(line) for line in (house.root / "out.log").read_text().splitlines()]
                self.assertIn("server.read_only", [line["kind"] for line in told])
                stuff.unlink()
                house.start()
                self.assertEqual(house.get("/readyz")[0], 200)
                count = self.check_all_there(house, [load])
                self.assertEqual(house.stop(), 0)
                print(f"full to the last byte: {count} acknowledged events, all there", flush=True)


if __name__ == "__main__":
    if NO_MOUNTS:
        print(f"2 skipped: {NO_MOUNTS}")
    unittest.main()
