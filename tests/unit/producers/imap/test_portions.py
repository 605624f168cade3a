from producers.imap.portions import BATCH_BYTES, BATCH_MAILS, SEARCHED_AT_ONCE, SIZED_AT_ONCE, batches, pieces, windows


def test_an_empty_folder_is_not_searched() -> None:
    assert list(windows(0)) == []


def test_the_last_window_is_open_for_what_comes_meanwhile() -> None:
    assert list(windows(1)) == ["1:*"]
    assert list(windows(SEARCHED_AT_ONCE)) == ["1:*"]
    assert list(windows(SEARCHED_AT_ONCE + 1)) == ["1:50000", "50001:*"]


def test_the_answer_to_a_search_fits_what_the_library_reads() -> None:
    longest = len(" 4294967295") * SEARCHED_AT_ONCE
    assert longest < 1_000_000


def test_pieces_leave_nothing_out() -> None:
    uids = list(range(1, 2 * SIZED_AT_ONCE + 2))
    assert [uid for piece in pieces(uids) for uid in piece] == uids
    assert max(map(len, pieces(uids))) == SIZED_AT_ONCE


def test_batches_are_bounded_in_number() -> None:
    found = list(batches(dict.fromkeys(range(2 * BATCH_MAILS + 1), 10), 1_000))
    assert list(map(len, found)) == [BATCH_MAILS, BATCH_MAILS, 1]


def test_batches_are_bounded_in_bytes() -> None:
    assert list(batches({3: BATCH_BYTES, 1: BATCH_BYTES, 2: 1}, BATCH_BYTES)) == [[1], [2], [3]]


def test_of_a_large_mail_only_what_is_read_counts() -> None:
    assert list(batches({1: 10 * BATCH_BYTES, 2: 10 * BATCH_BYTES}, 100)) == [[1, 2]]


def test_a_suspect_is_read_by_itself() -> None:
    found = list(batches({1: 5, 2: 5, 3: 5, 4: 5}, 100, is_alone=lambda uid: uid == 2))
    assert sorted(found) == [[1, 3, 4], [2]]
