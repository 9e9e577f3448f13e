// Tomorrow's highest temperature from today's weather and the season: a regression, with the metrics that its evaluation has.
import {
  adam,
  add,
  dense,
  input,
  meanSquaredError,
  mul,
  network,
  rootMeanSquaredError,
  rSquared,
  tanh,
  target,
} from "tapeless";

const today = input("today", ["batch", 6]);
const high = target("high", ["batch", 1]);
const h1 = tanh(dense(today, 16));
const h2 = tanh(dense(h1, 8));
// In degrees Celsius, about the mean of the years.
const forecast = add(mul(dense(h2, 1), 7), 16);

export default network("weather", {
  batch: 32,
  outputs: { forecast },
  loss: meanSquaredError(forecast, high),
  optimizer: adam({ rate: 0.003 }),
  metrics: { rSquared: rSquared(forecast, high), degrees: rootMeanSquaredError(forecast, high) },
});
