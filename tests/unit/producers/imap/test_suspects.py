import pytest

from producers.imap.marks import FIRST_PAUSE_S, LONGEST_PAUSE_S, MOST_REMEMBERED, Marks
from producers.imap.memory import Memory
from producers.imap.settings import Done
from producers.imap.suspects import LEFT_FOR_S, Suspects


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_mails_on_which_the_connection_broke_are_read_one_by_one() -> None:
    suspects = Suspects("INBOX")
    suspects.broke([1, 2], "gone")
    assert suspects.is_alone(1)
    assert suspects.is_alone(2)
    assert not suspects.is_left(1)
    suspects.were_read([1])
    assert not suspects.is_alone(1)


def test_the_one_to_blame_is_left_for_a_while_and_then_tried_by_itself() -> None:
    clock = Clock()
    counted: list[int] = []
    suspects = Suspects("INBOX", clock, lambda: counted.append(1))
    suspects.broke([2], "gone")
    assert not suspects.is_left(2)
    suspects.broke([2], "gone")
    assert suspects.is_left(2)
    assert suspects.set_aside == [2]
    clock.now += LEFT_FOR_S
    assert not suspects.is_left(2)
    assert suspects.is_alone(2)
    suspects.broke([2], "gone")
    assert suspects.is_left(2)
    assert len(counted) == 2


def test_a_suspect_that_has_left_the_folder_is_forgotten() -> None:
    suspects = Suspects("INBOX")
    for _ in range(2):
        suspects.broke([1, 2], "gone")
    suspects.are_there({2, 3})
    assert suspects.set_aside == [2]


def test_numbers_that_mean_other_mails_are_forgotten() -> None:
    memory = Memory("INBOX")
    memory.selected(1)
    for _ in range(2):
        memory.suspects.broke([1], "gone")
    memory.marks.put_away({3: Done.FLAG})
    memory.selected(1)
    assert memory.suspects.is_alone(1)
    assert memory.marks.is_held(3)
    memory.selected(2)
    assert not memory.suspects.is_alone(1)
    assert not memory.suspects.is_left(1)
    assert not memory.marks.is_held(3)


def test_what_a_search_no_longer_finds_has_stayed_put_away() -> None:
    marks = Marks("INBOX")
    marks.put_away({1: Done.FLAG, 2: Done.FLAG})
    marks.are_there({2})
    assert not marks.is_held(1)
    assert marks.due([1, 2]) == {2: Done.FLAG}


def test_a_mark_that_is_not_kept_is_set_once_more_and_then_ever_more_rarely() -> None:
    clock = Clock()
    marks = Marks("INBOX", clock)
    marks.put_away({1: Done.FLAG})
    assert marks.due([1])
    assert marks.not_kept == []
    marks.put_away({1: Done.FLAG})
    for pause_s in (FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S):
        assert not marks.due([1])
        assert marks.not_kept == [1]
        clock.now += pause_s - 1
        assert not marks.due([1])
        clock.now += 1
        assert marks.due([1])
        marks.put_away({1: Done.FLAG})


def test_the_pause_has_a_bound() -> None:
    clock = Clock()
    marks = Marks("INBOX", clock)
    for _ in range(50):
        marks.put_away({1: Done.FLAG})
    assert not marks.due([1])
    clock.now += LONGEST_PAUSE_S
    assert marks.due([1])


def test_not_all_mail_that_ever_was_is_remembered() -> None:
    marks = Marks("INBOX")
    marks.put_away(dict.fromkeys(range(MOST_REMEMBERED + 10), Done.FLAG))
    assert not marks.is_held(9)
    assert marks.is_held(10)


@pytest.mark.parametrize(("number", "named"), [(1, "1 mail (UID 0)"), (9, "9 mails (UID 0, 1, 2, 3, 4, …)")])
def test_a_few_of_many_are_named(number: int, named: str) -> None:
    memory = Memory("INBOX")
    assert memory.trouble() == ""
    for _ in range(2):
        memory.suspects.broke(range(number), "gone")
    assert named in memory.trouble()
    assert memory.withheld == number
