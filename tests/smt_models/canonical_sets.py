"""The second encoding, continued: waitable sets with their members, lent handles, and tasks that borrow."""

from __future__ import annotations

from typing import Any

from canonical_abi import Impossible, Outcome, Trap, Waitable, can, trap_if

Inputs = dict[str, Any]
TASK_CANCELLED = 6


class Played:
    """What the guest hears of a call by name; None if nobody can do it now."""

    def act(self, call: str, inputs: Inputs) -> Outcome | None:
        try:
            return self.play(call, inputs)
        except Trap:
            return "TRAP", 0
        except Impossible:
            return None

    def play(self, call: str, inputs: Inputs) -> Outcome:
        raise NotImplementedError

    def view(self) -> dict[str, Any]:
        raise NotImplementedError


class SetMachine(Played):
    """[CABI] WaitableSet, canon_waitable_set_*, the loop of canon_lift. Members are objects, waits are counted."""

    def __init__(self) -> None:
        self.held = True
        self.elems: list[Waitable] = []
        self.num_waiting = 0
        self.pending_cancel = False

    def _ready(self) -> list[Waitable]:
        return [one for one in self.elems if one.pending_event is not None]

    def _deliver_pending_cancel(self, cancellable: bool) -> bool:
        told = cancellable and self.pending_cancel
        self.pending_cancel = self.pending_cancel and not told
        return told

    def _get_pending_event(self, event: int) -> Outcome:
        can(1 <= event <= 5 and bool(self._ready()))
        self._ready()[0].get_pending_event()
        return "EVENT", event

    def play(self, call: str, inputs: Inputs) -> Outcome:
        trap_if(not inputs.get("may_leave", True))
        match call:
            case "waitable-set.wait" | "waitable-set.poll":
                trap_if(not self.held)
                if self._deliver_pending_cancel(inputs["cancellable"]):
                    return "EVENT", TASK_CANCELLED
                if call == "waitable-set.poll" and not self._ready():
                    return "EVENT", 0
                if call == "waitable-set.wait" and inputs["event"] == 0:
                    self.num_waiting += 1
                    return "WAITS", 0
                return self._get_pending_event(inputs["event"])
            case "return of a callback":
                return self._callback(inputs["callback code"], inputs["is a set"])
            case "return of a wait":
                can(self.num_waiting > 0)
                if inputs["event"] == TASK_CANCELLED:
                    can(inputs["cancellable"])
                    self.num_waiting -= 1
                    return "EVENT", TASK_CANCELLED
                outcome = self._get_pending_event(inputs["event"])
                self.num_waiting -= 1
                return outcome
            case "waitable-set.drop":
                trap_if(not self.held)
                trap_if(len(self.elems) > 0)
                trap_if(self.num_waiting > 0)
                self.held = False
                return "VOID", 0
        return self._members(call, inputs)

    def _callback(self, code: int, is_a_set: bool) -> Outcome:
        trap_if(code > 2)
        if code == 0:
            return "VOID", 0
        if code == 1:
            return "EVENT", TASK_CANCELLED if self._deliver_pending_cancel(True) else 0
        trap_if(not (is_a_set and self.held))
        if self._deliver_pending_cancel(True):
            return "EVENT", TASK_CANCELLED
        self.num_waiting += 1
        return "WAITS", 0

    def _members(self, call: str, inputs: Inputs) -> Outcome:
        if call == "cancellation of the task":
            can(not self.pending_cancel)
            self.pending_cancel = True
            return "NOTHING", 0
        can(self.held)
        if call == "waitable.join to this set":
            waitable = Waitable()
            waitable.pending_event = (lambda: 0) if inputs["had an event"] else None
            self.elems.append(waitable)
            return "VOID", 0
        with_event = call != "progress of a member" and inputs["had an event"]
        chosen = [one for one in self.elems if (one.pending_event is not None) == with_event]
        can(bool(chosen))
        if call == "progress of a member":
            chosen[0].pending_event = lambda: 0
            return "NOTHING", 0
        self.elems.remove(chosen[0])
        return "VOID", 0

    def view(self) -> dict[str, Any]:
        ready = len(self._ready())
        counts = {"members": len(self.elems), "ready": ready, "waiting": self.num_waiting}
        return {"held": self.held, "cancel": self.pending_cancel, **counts}


class HandleMachine(Played):
    """[CABI] ResourceHandle in the caller: lift_borrow, lift_own, canon_resource_drop, Subtask.deliver_resolve."""

    def __init__(self, own: bool) -> None:
        self.held, self.own, self.num_lends = True, own, 0

    def play(self, call: str, inputs: Inputs) -> Outcome:
        trap_if(not inputs.get("may_leave", True))
        if call == "delivery of the resolution":
            can(self.held and self.num_lends > 0)
            self.num_lends -= 1
            return "NOTHING", 0
        trap_if(not self.held)
        if call == "lift of a borrow":
            self.num_lends += 1
            return "NOTHING", 0
        trap_if(self.num_lends != 0)
        if call == "lift of an own handle":
            trap_if(not self.own)
        self.held = False
        return "VOID", 0

    def view(self) -> dict[str, Any]:
        return {"held": self.held, "own": self.own, "lends": self.num_lends}


class TaskMachine(Played):
    """[CABI] Task in the callee: lower_borrow, canon_resource_drop, Task.return_, Task.cancel."""

    def __init__(self) -> None:
        self.num_borrows = 0
        self.state = "STARTED"

    def play(self, call: str, inputs: Inputs) -> Outcome:
        trap_if(not inputs.get("may_leave", True))
        match call:
            case "lower of a borrow":
                can(self.state != "RESOLVED")
                self.num_borrows += 1
                return "NOTHING", 0
            case "TASK_CANCELLED":
                can(self.state == "STARTED")
                self.state = "CANCEL_DELIVERED"
                return "NOTHING", 0
            case "resource.drop of a borrow":
                trap_if(self.num_borrows == 0)
                self.num_borrows -= 1
                return "VOID", 0
        trap_if(self.state == "RESOLVED" if call == "task.return" else self.state != "CANCEL_DELIVERED")
        trap_if(self.num_borrows > 0)
        self.state = "RESOLVED"
        return "VOID", 0

    def view(self) -> dict[str, Any]:
        return {"borrows": self.num_borrows, "resolved": self.state == "RESOLVED"}
