// First days of the lunar years (mùng 1 Tết) in Viet Nam, 2010 to 2040, as python-holidays gives them; a test holds them to it.
const DAYS = [
  "2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31", "2015-02-19",
  "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12",
  "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06",
  "2028-01-26", "2029-02-13", "2030-02-02", "2031-01-23", "2032-02-11", "2033-01-31",
  "2034-02-19", "2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24",
  "2040-02-12",
];

/** Milliseconds of the day by the year in which it lies; null for a year that is not known. */
const BY_YEAR = new Map(DAYS.map((written) => [Number(written.slice(0, 4)), Date.parse(`${written}T00:00:00Z`)]));

export const lunarNewYear = (year) => BY_YEAR.get(year) ?? null;

export const KNOWN_YEARS = [...BY_YEAR.keys()];
