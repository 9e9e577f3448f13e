// Laws that are kept though infinite values show a difference, each with its reason: what an infinity has become NaN or has not is
// then no other than it would be one op further, and what the law saves is most of a pass.

export const ACCEPTED: Readonly<Record<string, string>> = {
  "broadcast-out-of-contraction":
    "an infinite factor times terms of which some are 0: NaN for each of them, infinite when they are added first",
  "sum-into-contraction":
    "an infinite factor times terms of which some are 0: NaN for each of them, infinite when they are added first",
  "stable-softmax":
    "a row with an infinite element is NaN throughout as a softmax; as it is written it is NaN in that element alone",
  "sigmoid-cross-entropy":
    "the entropy of a probability is cut off where its logarithm has no digits left; that of an infinite logit is infinite",
};
