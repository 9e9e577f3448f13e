// PyTorch's documented update rules in plain numbers: torch.optim.SGD, Adam and AdamW, parameter by parameter.

export interface SgdRule {
  readonly rate: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}

export interface AdamRule {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay?: number;
}

/** One element's next value from its gradient; what it remembers is its own. */
export type Rule = () => (w: number, gradient: number) => number;

export const sgdRule =
  ({ rate, momentum = 0, nesterov = false, weightDecay = 0 }: SgdRule): Rule =>
  () => {
    let buffer: number | undefined;
    return (w, gradient) => {
      let g = gradient + weightDecay * w;
      if (momentum !== 0) {
        buffer = buffer === undefined ? g : momentum * buffer + g;
        g = nesterov ? g + momentum * buffer : buffer;
      }
      return w - rate * g;
    };
  };

export const adamRule =
  ({ rate, beta1, beta2, epsilon, weightDecay = 0 }: AdamRule): Rule =>
  () => {
    let [m, v, t] = [0, 0, 0];
    return (w, gradient) => {
      t++;
      const decayed = w * (1 - rate * weightDecay);
      m = beta1 * m + (1 - beta1) * gradient;
      v = beta2 * v + (1 - beta2) * gradient * gradient;
      const mean = m / (1 - beta1 ** t);
      const size = Math.sqrt(v / (1 - beta2 ** t)) + epsilon;
      return decayed - (rate * mean) / size;
    };
  };
