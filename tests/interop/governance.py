"""What statements mean together: whose keys may do what, each article's head, what is void (9, step 6).

Numbers such as "(4.3)" are sections of docs/format.md, and codes such as E070 are its findings (10).
"""
from formats import Bad, bstr, must, verifies
from records import CONTENT, sha256
from witnesses import judge_line

class Key:
    """A key that the archive has or had."""
    def __init__(self, key, roles):
        self.key, self.roles, self.left, self.doubtful = key, roles, None, None
    def may(self, role):
        return self.left is None and role in self.roles

def head(major, value):
    return bytes([major << 5 | value]) if value < 24 else bytes([major << 5 | 24, value]) if value < 256 else bytes(
        [major << 5 | 25]) + value.to_bytes(2, "big")

def tstr(text):
    return head(3, len(text.encode())) + text.encode()

def possession(archive, authority, name, roles):
    """What a new key signs (4.3): an array of five."""
    return head(4, 5) + tstr("Possession") + bstr(archive) + bstr(authority) + tstr(name) + head(4, len(roles)) + b"".join(
        map(tstr, roles))

class Ledger:
    """The state. Every entry but the charter goes through `apply`, in log order."""
    def __init__(self, charter, keys):
        self.archive, self.origin, self.heads, self.void, self.known = charter.id, charter.iss, {}, {}, {}
        self.keys = {key: Key(key, roles) for key, roles in keys.items()}
        self.authority, self.epoch, self.threshold, self.pending = charter.id, 0, charter.payload["threshold"], {}
        self.versions, self.withdrawals, self.withheld = {}, [], {}
        self.logs = [(0, [key for key, roles in keys.items() if "log" in roles])]  # since which entry

    def logs_at(self, size):
        """The keys that may sign a checkpoint after so many entries."""
        return next(logs for index, logs in reversed(self.logs) if index < size)

    def findings(self):
        """What is void, and what is doubtful: (code, index)."""
        yield from (("W004" if index in self.known else code, index) for index, (code, _) in self.void.items())
        yield from (("W007", index) for index in self.withdrawals)
        yield from (("W005", key.doubtful) for key in self.keys.values() if key.doubtful is not None)

    def check_lines(self, note, witnesses=()):
        """The signatures of a checkpoint (7.1, 7.5): (code, place)."""
        origin, _, _, signed, lines = note
        if origin != self.origin:
            yield "E011", "checkpoint"
            return
        logs = [(sha256(origin.encode(), b"\n\1", key)[:4], key) for key in self.logs_at(note[1])]
        seen, ours = set(), 0
        for number, (name, key_id, signature) in enumerate(lines, 1):
            place, keys = f"checkpoint, signature {number}", [k for i, k in logs if (name, i) == (origin, key_id)]
            if (name, key_id) in seen:
                yield "E014", place
            elif not keys:
                if code := judge_line(note, (name, key_id, signature), witnesses):
                    yield code, place
            elif not any(verifies(k, signature, signed) for k in keys):
                yield "E013", place
            seen.add((name, key_id))
            ours += bool(keys)
        if not ours:
            yield "E012", "checkpoint"

    def apply(self, s, index):
        if s.has_manifest():
            self.versions[index] = (s.id, s.kid)
        try:
            must(not s.fault, s.fault)
            self.judge(s, index)
        except Bad as bad:
            self.void[index] = (str(bad), s.id)

    def judge(self, s, index):
        """The first rule that applies makes the entry void; of a charter, that is E075 already."""
        must(s.iss == self.origin, "E073")
        must(s.kid in self.keys, "E071")
        signer = self.keys[s.kid]
        must(signer.left is None, signer.left)
        must(s.payload["authority"] == self.authority, "E070")
        may = {"withdrawal": {"archivist", "steward"}}.get(s.kind, {"archivist"} if s.kind in CONTENT else {"steward"})
        must(may & set(signer.roles), "E072")
        {"article": self.article, "observation": self.observe, "keys": self.change_keys, "void": self.acknowledge,
         "withdrawal": self.withdraw}[s.kind](s, s.payload, index)

    def article(self, s, payload, index):
        version, before = payload["version"], self.heads.get(s.sub)
        must(not (version == 1 and before), "E076")
        must(version == 1 or before and (payload["previous"], version) == (before[0], before[1] + 1), "E074")
        self.heads[s.sub] = (s.id, version)

    def observe(self, s, payload, index):
        must(s.sub in self.heads, "E115")
        must(self.heads[s.sub][0] == payload["id"], "E116")

    def keys_after(self, change, index):
        """The keys and the threshold after a change of keys; E092 if it can't be made."""
        (what, value), keys, threshold = *change.items(), {k: self.copy(key) for k, key in self.keys.items()}, self.threshold
        key = keys.get(value["key"]) if what != "threshold" else None
        if what == "threshold":
            must(value != threshold, "E092")
            threshold = value
        elif what == "add":
            must(key is None, "E092")
            keys[value["key"]] = Key(value["key"], value["roles"])
        else:
            must(key and key.left is None, "E092")
            if what == "roles":
                must(key.roles != value["roles"], "E092")
                key.roles = value["roles"]
            else:
                must(value.get("doubtful_from", -1) < index, "E092")
                key.left, key.doubtful = "E090" if what == "retire" else "E091", value.get("doubtful_from")
        active = [key for key in keys.values() if key.left is None]
        must(len(active) <= 64 and len(keys) <= 4096 and any(key.may("log") for key in active), "E092")
        must(sum(key.may("steward") for key in active) >= threshold, "E092")
        return keys, threshold

    def copy(self, key):
        copy = Key(key.key, key.roles)
        copy.left, copy.doubtful = key.left, key.doubtful
        return copy

    def approved(self, s):
        """Whether enough stewards have logged this payload now."""
        approvals = self.pending.setdefault(s.content, set())
        must(s.kid not in approvals, "E093")
        approvals.add(s.kid)
        if len(approvals) < self.threshold:
            return False
        del self.pending[s.content]
        return True

    def change_keys(self, s, payload, index):
        must(payload["epoch"] == self.epoch + 1, "E092")
        keys, threshold = self.keys_after(payload["change"], index)
        if add := payload["change"].get("add"):
            signed = possession(self.archive, self.authority, add["name"], add["roles"])
            must(verifies(add["key"], add["proof"], signed), "E094")
        if self.approved(s):
            self.keys, self.threshold, self.epoch, self.authority = keys, threshold, payload["epoch"], s.id
            self.logs.append((index, [key.key for key in keys.values() if key.may("log")]))

    def acknowledge(self, s, payload, index):
        must(self.find_void(payload, index), "E095")
        if self.approved(s):
            self.known[payload["index"]] = index

    def find_void(self, payload, index):
        at = payload["index"]
        return at in self.void and self.void[at][1] == payload["id"] and at not in self.known

    def withdraw(self, s, payload, index):
        """What is withheld (4.6): a file everywhere (None, file), an entry's manifest and files (entry, None), a file there."""
        entries, files = payload.get("entries", []), payload.get("files", [])
        shown = [entry for entry in entries if self.is_shown(entry["index"])]
        must(all(self.versions.get(e["index"], (None,))[0] == e["id"] for e in shown), "E111")
        own = entries and all(self.versions[e["index"]][1] == s.kid for e in shown)
        must("steward" in self.keys[s.kid].roles or own, "E110")
        what = [(e["index"], file) for e in entries or [{"index": None}] for file in files or [None]]
        must(not all(self.is_withheld(*one) for one in what), "E112")
        self.withdrawals.append(index)
        self.withheld |= {one: index for one in what if one not in self.withheld}

    def is_shown(self, index):
        """Whether a statement is there: all are, but in extracts."""
        return True

    def is_withheld(self, entry, file):
        """Whether a manifest (file is None) or a file that an entry names is withheld."""
        return any(one in self.withheld for one in [(entry, file), (entry, None), (None, file)])
