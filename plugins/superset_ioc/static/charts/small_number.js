// What a small number can say: exact tails of the binomial and the Poisson distribution. As datasets/model/small_number.py; a test holds
// that both agree.

/** A count below this is small: it moves by chance as much as by anything that was done. */
export const SMALL = 10;
/** Each tail of a 95 % interval. */
const TAIL = 0.025;

const sum = (terms) => terms.reduce((total, term) => total + term, 0);
const upTo = (last) => Array.from({ length: last + 1 }, (_, k) => k);

/** Logarithm of the ways to choose `few` of `total`. */
function logWays(total, few) {
  const least = Math.min(few, total - few);
  let found = 0;
  for (let k = 1; k <= least; k += 1) found += Math.log(total - least + k) - Math.log(k);
  return found;
}

function binomialTerm(count, total, share) {
  if (share === 0 || share === 1) return count === total * share ? 1 : 0;
  return Math.exp(logWays(total, count) + count * Math.log(share) + (total - count) * Math.log1p(-share));
}

/** [P(X ≤ count), P(X ≥ count)] for X binomial. */
export function binomialTails(count, total, share) {
  if (count > total - count) return binomialTails(total - count, total, 1 - share).reverse();
  const below = sum(upTo(count - 1).map((k) => binomialTerm(k, total, share)));
  return [Math.min(1, below + binomialTerm(count, total, share)), Math.max(0, 1 - below)];
}

/** [P(X ≤ count), P(X ≥ count)] for X Poisson of this mean. */
export function poissonTails(count, mean) {
  if (mean === 0) return [1, count === 0 ? 1 : 0];
  let logFactorial = 0;
  const terms = upTo(count).map((k) => {
    logFactorial += k > 1 ? Math.log(k) : 0;
    return Math.exp(k * Math.log(mean) - mean - logFactorial);
  });
  return [Math.min(1, sum(terms)), Math.max(0, 1 - sum(terms.slice(0, -1)))];
}

/** Whether the exact 95 % interval of `count` of `total` (Clopper and Pearson 1934) holds the share, 0 to 1. */
export const shareHolds = (count, total, share) => Math.min(...binomialTails(count, total, share)) >= TAIL;

/** Whether the exact 95 % interval of a count (Garwood 1936) holds the mean. */
export const countHolds = (count, mean) => Math.min(...poissonTails(count, mean)) >= TAIL;

export const isSmallShare = (count, total) => Math.min(count, total - count) < SMALL;

/**
 * Whether two counts differ by more than chance: a binomial test of the second, given their sum. The exposures are what they arose from
 * (people, files). Two large counts are taken as they are.
 */
export function changeIsClear(before, after, exposureBefore = 1, exposureAfter = 1) {
  if (Math.min(before, after) >= SMALL) return before / exposureBefore !== after / exposureAfter;
  const share = exposureAfter / (exposureBefore + exposureAfter);
  return Math.min(...binomialTails(after, before + after, share)) < TAIL;
}
