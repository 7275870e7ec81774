// The number of primes below n, by trial division: slow on purpose.
export function primesBelow(n) {
  let count = 0;
  for (let candidate = 2; candidate < n; candidate += 1) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate && prime; divisor += 1) prime = candidate % divisor !== 0;
    if (prime) count += 1;
  }
  return count;
}
