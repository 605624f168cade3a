from producers.imap.suspects import LEFT_FOR_S, Suspects


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_mails_on_which_the_connection_broke_are_read_one_by_one() -> None:
    suspects = Suspects("INBOX")
    suspects.broke([1, 2])
    assert suspects.is_alone(1)
    assert suspects.is_alone(2)
    assert not suspects.is_left(1)
    suspects.were_read([1])
    assert not suspects.is_alone(1)


def test_the_one_to_blame_is_left_for_a_while_and_then_tried_by_itself() -> None:
    clock = Clock()
    suspects = Suspects("INBOX", clock)
    suspects.broke([2])
    assert suspects.is_left(2)
    clock.now += LEFT_FOR_S
    assert not suspects.is_left(2)
    assert suspects.is_alone(2)


def test_numbers_that_mean_other_mails_are_forgotten() -> None:
    suspects = Suspects("INBOX")
    suspects.selected(1)
    suspects.broke([1, 2])
    suspects.broke([3])
    suspects.selected(1)
    assert suspects.is_alone(1)
    suspects.selected(2)
    assert not suspects.is_alone(1)
    assert not suspects.is_left(3)
