// What other frameworks call things, as users of theirs write it here. Data alone; `hints.ts` reads it.

/** What a name stands for. The first that fits the function at hand is what the hint says. */
export type Meaning =
  /** An option of that name. */
  | { readonly option: string }
  /** Two options. */
  | { readonly options: readonly [string, string] }
  /** An option, written in another way. */
  | { readonly option: string; readonly written: string }
  /** An argument that stands by itself. */
  | { readonly argument: string }
  /** A function of tensors that is called around, and what it is given beside. */
  | { readonly around: string; readonly beside: string };

const option = (name: string, written?: string): Meaning =>
  written === undefined ? { option: name } : { option: name, written };
const argument = (name: string): Meaning => ({ argument: name });
const around = (name: string, beside = ""): Meaning => ({ around: name, beside });

const CLIPPED = option("clip", "clip: clipByNorm(1)");
const PADDED = option("paddingMask", "paddingMask: logicalNot(…), as it is true where a key counts");

/** By names without case and underscores: `learning_rate` and `learningRate` are one. */
export const FOREIGN: Readonly<Record<string, readonly Meaning[]>> = {
  // Optimizers
  lr: [option("rate")],
  learningrate: [option("rate")],
  stepsize: [option("rate")],
  alpha: [option("rho")],
  betas: [{ options: ["beta1", "beta2"] }],
  b1: [option("beta1")],
  b2: [option("beta2")],
  eps: [option("epsilon")],
  varianceepsilon: [option("epsilon")],
  wd: [option("weightDecay")],
  decayrate: [argument("factor"), option("rho"), option("decay")],
  decaysteps: [argument("steps"), option("steps")],
  totalsteps: [argument("steps")],
  warmupsteps: [option("warmUp"), argument("steps")],
  gamma: [argument("factor"), option("parameters", "parameters: { weight: … }")],
  beta: [option("parameters", "parameters: { bias: … }")],
  scheduler: [option("schedule")],
  lrscheduler: [option("schedule")],
  clipnorm: [CLIPPED],
  maxgradnorm: [option("clip", "clip: clipByGlobalNorm(1)")],
  globalclipnorm: [option("clip", "clip: clipByGlobalNorm(1)")],
  clipvalue: [option("clip", "clip: clipByValue(-1, 1)")],
  paramgroups: [option("groups")],

  // Axes
  dim: [option("axis"), argument("axis")],
  dims: [option("axis"), argument("axis")],
  axes: [option("axis"), argument("axis")],
  normalizedshape: [option("axis")],
  keepdim: [option("keepAxes")],
  keepdims: [option("keepAxes")],
  unbiased: [option("correction", "correction: 1")],
  ddof: [option("correction")],

  // Layers
  units: [argument("units"), argument("size")],
  outfeatures: [argument("units")],
  hiddensize: [argument("units")],
  filters: [argument("filters")],
  outchannels: [argument("filters")],
  kernel: [argument("kernel"), argument("window")],
  kernelsize: [argument("kernel"), argument("window")],
  poolsize: [argument("window")],
  size: [argument("window"), argument("size"), argument("factor")],
  scalefactor: [argument("factor")],
  strides: [option("stride")],
  dilationrate: [option("dilation")],
  dataformat: [option("layout")],
  padmode: [option("mode"), option("padding")],
  numgroups: [argument("groups")],
  numembeddings: [argument("vocabulary")],
  inputdim: [argument("vocabulary")],
  embeddingdim: [argument("size")],
  outputdim: [argument("size"), argument("units")],
  paddingidx: [option("paddingIndex")],
  usebias: [option("bias")],
  activation: [around("relu")],
  kernelinitializer: [option("weightInitializer")],
  embeddingsinitializer: [option("weightInitializer")],
  gammainitializer: [option("weightInitializer")],
  betainitializer: [option("biasInitializer")],
  affine: [{ options: ["scale", "center"] }],
  elementwiseaffine: [option("scale")],
  dropout: [around("dropout", ", 0.5")],
  dropoutrate: [option("dropout"), argument("probability"), around("dropout", ", 0.5")],
  p: [argument("probability"), option("dropout")],
  rate: [argument("probability"), option("dropout")],
  prob: [argument("probability")],
  stddev: [option("deviation"), argument("deviation")],
  std: [option("deviation"), argument("deviation")],
  minval: [option("low"), argument("low")],
  maxval: [option("high"), argument("high")],
  seed: [option("stream", 'stream: "…", a name: numbers follow from it and the seed of the model')],

  // Recurrences and attention
  numheads: [argument("heads")],
  nhead: [argument("heads")],
  keydim: [option("keySize")],
  kdim: [option("keySize")],
  valuedim: [option("valueSize")],
  vdim: [option("valueSize")],
  attnmask: [option("mask")],
  attentionmask: [option("mask")],
  srcmask: [option("mask")],
  tgtmask: [option("mask")],
  keypaddingmask: [PADDED],
  srckeypaddingmask: [PADDED],
  iscausal: [option("causal")],
  usecausalmask: [option("causal")],
  dimfeedforward: [option("feedForward")],
  intermediatedim: [option("feedForward")],
  normfirst: [option("norm", 'norm: "pre"')],
  gobackwards: [option("reverse")],
  sequencelength: [option("lengths")],
  mergemode: [option("merge")],
  unitforgetbias: [option("forgetBias")],

  // Losses and metrics
  fromlogits: [option("from", 'from: "logits"')],
  sampleweight: [option("weights"), argument("weights")],
  sampleweights: [option("weights"), argument("weights")],
  weight: [option("classWeights"), option("parameters", "parameters: { weight: … }"), option("weights")],
  classweight: [option("classWeights")],
  ignoreindex: [argument("ignoreIndex")],
  ignoreclass: [option("ignoreIndex"), argument("ignoreIndex")],
  smoothing: [option("labelSmoothing")],
  numthresholds: [option("bins")],
  topk: [option("k")],

  // Leaves, networks
  requiresgrad: [option("trainable")],
  numclasses: [argument("classes"), argument("depth"), option("below")],
  batchsize: [option("batch")],
  lossfn: [option("loss")],
  optim: [option("optimizer")],
};

/** Words of other frameworks, by theirs without case and underscores. */
export const FOREIGN_WORDS: Readonly<Record<string, string>> = {
  nhwc: "channelsLast",
  nchw: "channelsFirst",
  batchmean: "mean",
  symmetric: "reflect",
  replicate: "edge",
  circular: "wrap",
  torch: "pytorch",
  int: "int32",
  int64: "int32",
  float: "float32",
  boolean: "bool",
};

/** Functions that other frameworks take by their names. */
export const FUNCTIONS = [
  ..."elu gelu hardSigmoid leakyRelu logSigmoid logSoftmax mish relu selu sigmoid silu softmax softplus softsign tanh".split(
    " ",
  ),
  ..."glorotNormal glorotUniform heNormal heUniform zeros".split(" "),
] as readonly string[];
