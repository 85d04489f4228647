"""Checkpoints and timestamps below time/ (7.4), for verify.py."""
from formats import must
from tokens import judge
from records import TIME, read_checkpoint, sha256

class Times:
    def check_times(self, begins_with):
        """Checkpoints and timestamps below time/ (7.4): whether they are this log's, which begins_with(size, root) must find.
        Timestamps are judged by who was given `roots`, certificates, and `at`, a moment."""
        times = sorted((place[1:], name) for name, place in self.places.items() if place[0] == TIME)
        stamped = {size for (size, digest), _ in times if len(digest) == 64}
        texts, held, roots = {}, False, self.trust.get("roots")
        if len(times) > 65536:
            self.report("E100", "time/")
        for size in sorted(stamped):
            name = f"time/{size}/checkpoint"
            with self.step(name):
                must(name in self.parts, "E003")
                must(self.parts[name].size <= 65536, "E010")
                data = self.parts[name].read()
                note = read_checkpoint(data)
                must(note[1] == size, "E100")
                self.check_lines(note)
                must(size <= self.size, "E082")
                begins_with(size, note[2])
                texts[size] = b"".join(data.splitlines(keepends=True)[:3])
        for (size, digest), name in times:
            if len(digest) == 64:
                with self.step(name):
                    must(self.parts[name].size <= 65536, "E100")
                    data = self.parts[name].read()
                    must(sha256(data).hex() == digest, "E100")
                    if roots is not None and size in texts:
                        worth = judge(data, texts[size], roots, self.trust["at"])
                        held = held or worth == "holds"
                        must(worth != "false", "E101")
            elif size not in stamped or digest == "!" and not self.has_consistency(size):
                self.report("E004" if self.bundle else "W001", name)
        if roots is not None and not held:
            self.report("E102", "time/")

    def has_consistency(self, size):
        """Whether there is a proof of consistency beside a checkpoint: only in extracts."""
        return False
