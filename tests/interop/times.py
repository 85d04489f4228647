"""Checkpoints and timestamps below time/ (7.4), for verify.py."""
from formats import must
from records import TIME, read_checkpoint, sha256

class Times:
    def check_times(self, begins_with):
        """Checkpoints and timestamps below time/ (7.4): whether they are this log's, which begins_with(size, root) must find.
        Certificates are not looked at."""
        times = sorted((place[1:], name) for name, place in self.places.items() if place[0] == TIME)
        stamped = {size for (size, digest), _ in times if len(digest) == 64}
        if len(times) > 65536:
            self.report("E100", "time/")
        for size in sorted(stamped):
            name = f"time/{size}/checkpoint"
            with self.step(name):
                must(name in self.parts, "E003")
                must(self.parts[name].size <= 65536, "E010")
                note = read_checkpoint(self.parts[name].read())
                must(note[1] == size, "E100")
                self.check_lines(note)
                must(size <= self.size, "E082")
                begins_with(size, note[2])
        for (size, digest), name in times:
            if len(digest) == 64:
                with self.step(name):
                    must(self.parts[name].size <= 65536 and sha256(self.parts[name].read()).hex() == digest, "E100")
            elif size not in stamped or digest == "!" and not self.has_consistency(size):
                self.report("E004" if self.bundle else "W001", name)

    def has_consistency(self, size):
        """Whether there is a proof of consistency beside a checkpoint: only in extracts."""
        return False
