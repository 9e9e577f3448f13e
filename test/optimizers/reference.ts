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

// The others, each from its documentation: torch.optim.*, keras.optimizers.*, the ONNX training operators.

/** torch.optim.SGD with dampening: the buffer starts at the first gradient. */
export const dampedRule =
  (rate: number, momentum: number, dampening: number): Rule =>
  () => {
    let buffer: number | undefined;
    return (w, g) => w - rate * (buffer = buffer === undefined ? g : momentum * buffer + (1 - dampening) * g);
  };

/** ONNX Momentum, mode "nesterov" or "standard": beta is 1 at T = 0. */
export const onnxMomentumRule =
  (rate: number, alpha: number, beta: number, coefficient: number, nesterov: boolean): Rule =>
  () => {
    let [v, t] = [0, 0];
    return (w, gradient) => {
      const g = coefficient * w + gradient;
      v = alpha * v + (t++ > 0 ? beta : 1) * g;
      return w - rate * (nesterov ? g + alpha * v : v);
    };
  };

/** torch.optim.Adagrad, which is ONNX Adagrad. */
export const adagradRule =
  (rate: number, o: { rateDecay?: number; initial?: number; epsilon: number; decay?: number }): Rule =>
  () => {
    let [sum, t] = [o.initial ?? 0, 0];
    return (w, gradient) => {
      const g = gradient + (o.decay ?? 0) * w;
      const now = rate / (1 + t++ * (o.rateDecay ?? 0));
      sum += g * g;
      return w - (now * g) / (Math.sqrt(sum) + o.epsilon);
    };
  };

/** keras.optimizers.Adagrad. */
export const kerasAdagradRule =
  (rate: number, initial: number, epsilon: number): Rule =>
  () => {
    let sum = initial;
    return (w, g) => w - (rate * g) / Math.sqrt((sum += g * g) + epsilon);
  };

/** torch.optim.Adadelta. */
export const adadeltaRule =
  (rate: number, rho: number, epsilon: number): Rule =>
  () => {
    let [squares, deltas] = [0, 0];
    return (w, g) => {
      squares = squares * rho + g * g * (1 - rho);
      const delta = (Math.sqrt(deltas + epsilon) / Math.sqrt(squares + epsilon)) * g;
      deltas = deltas * rho + delta * delta * (1 - rho);
      return w - rate * delta;
    };
  };

/** torch.optim.RMSprop; `inside` is keras.optimizers.RMSprop at a constant rate. */
export const rmspropRule =
  (
    rate: number,
    o: { rho: number; epsilon: number; centered?: boolean; momentum?: number; decay?: number; inside?: boolean },
  ): Rule =>
  () => {
    let [squares, mean, buffer] = [0, 0, 0];
    return (w, gradient) => {
      const g = gradient + (o.decay ?? 0) * w;
      squares = o.rho * squares + (1 - o.rho) * g * g;
      mean = o.rho * mean + (1 - o.rho) * g;
      const power = o.centered ? squares - mean * mean : squares;
      const root = o.inside ? Math.sqrt(power + o.epsilon) : Math.sqrt(power) + o.epsilon;
      buffer = (o.momentum ?? 0) * buffer + g / root;
      return w - rate * buffer;
    };
  };

/** torch.optim.Adamax. */
export const adamaxRule =
  (rate: number, beta1: number, beta2: number, epsilon: number): Rule =>
  () => {
    let [m, u, t] = [0, 0, 0];
    return (w, g) => {
      t++;
      m = beta1 * m + (1 - beta1) * g;
      u = Math.max(beta2 * u, Math.abs(g) + epsilon);
      return w - (rate / (1 - beta1 ** t)) * (m / u);
    };
  };

/** torch.optim.Adam with amsgrad. */
export const amsgradRule =
  ({ rate, beta1, beta2, epsilon }: AdamRule): Rule =>
  () => {
    let [m, v, largest, t] = [0, 0, 0, 0];
    return (w, g) => {
      t++;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      largest = Math.max(largest, v);
      const size = Math.sqrt(largest) / Math.sqrt(1 - beta2 ** t) + epsilon;
      return w - ((rate / (1 - beta1 ** t)) * m) / size;
    };
  };

/** ONNX Adam from T = 1 on: L2 in the gradient, epsilon beside the uncorrected root. */
export const onnxAdamRule =
  ({ rate, beta1, beta2, epsilon, weightDecay = 0 }: AdamRule): Rule =>
  () => {
    let [v, h, t] = [0, 0, 0];
    return (w, gradient) => {
      t++;
      const g = weightDecay * w + gradient;
      v = beta1 * v + (1 - beta1) * g;
      h = beta2 * h + (1 - beta2) * g * g;
      const adjusted = (rate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      return w - (adjusted * v) / (Math.sqrt(h) + epsilon);
    };
  };

/** torch.optim.Adam: weight decay is an L2 penalty. */
export const coupledAdamRule = (rule: AdamRule): Rule => {
  const { weightDecay = 0, ...rest } = rule;
  return () => {
    const next = adamRule(rest)();
    return (w, g) => next(w, g + weightDecay * w);
  };
};

/** Chen et al., algorithm 2. */
export const lionRule =
  (rate: number, beta1: number, beta2: number, decay: number): Rule =>
  () => {
    let m = 0;
    return (w, g) => {
      const next = w - rate * (Math.sign(beta1 * m + (1 - beta1) * g) + decay * w);
      m = beta2 * m + (1 - beta2) * g;
      return next;
    };
  };
