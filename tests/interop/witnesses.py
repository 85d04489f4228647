"""Witnesses (7.5), for verify.py: C2SP cosignatures on a checkpoint, and whether there are as many as were asked for."""
import base64
from formats import verifies
from records import sha256

def read_vkey(text):
    """A C2SP verifier key of type 4: (name, key id, key)."""
    name, key_id, typed = text.split("+", 2)
    typed = base64.b64decode(typed, validate=True)
    if typed[0] != 4 or len(typed) != 33 or sha256(name.encode(), b"\n\4", typed[1:])[:4].hex() != key_id:
        raise ValueError(f"not the key of a witness: {text}")
    return name, bytes.fromhex(key_id), typed[1:]

def cosigned(signature, key, text):
    """The time of a cosignature; None if it doesn't verify."""
    time = int.from_bytes(signature[:8], "big")
    good = len(signature) == 72 and time < 2**63
    return time if good and verifies(key, signature[8:], b"cosignature/v1\ntime %d\n" % time + text) else None

def judge_line(note, line, witnesses):
    """What a line that is not the log's is: None for one of another name, unless a known witness didn't make it."""
    origin, _, _, text, _ = note
    for name, key_id, key in witnesses:
        if (name, key_id) == line[:2] and name != origin:
            return "E084" if cosigned(line[2], key, text) is None else None
    return "W003" if line[0] == origin else None

class Witnesses:
    def witnesses(self):
        return [read_vkey(text) for text in self.trust.get("witnesses", [])]

    def check_quorum(self, note):
        """A key counts once, under however many names."""
        judged = [(key, line) for name, key_id, key in self.witnesses() for line in note[4] if (name, key_id) == line[:2]]
        keys = {key for key, line in judged if line[0] != note[0] and cosigned(line[2], key, note[3]) is not None}
        if len(keys) < self.trust.get("quorum", 0):
            self.report("E085", "checkpoint")
