// Deep Q-learning with a target network (Mnih et al. 2015): the same layers twice, one of them trained.
import {
  adam,
  add,
  dense,
  huber,
  input,
  layer,
  max,
  mul,
  network,
  pick,
  relu,
  stopGradient,
  sub,
  type Tensor,
} from "tapeless";

const values = () => layer((x: Tensor<["batch", 4]>) => dense(relu(dense(x, 12)), 3));
const online = values();
const slow = values();

const before = input("before", ["batch", 4]);
const after = input("after", ["batch", 4]);
const action = input("action", ["batch"], { dtype: "int32", below: 3 });
const reward = input("reward", ["batch"]);
const over = input("over", ["batch"]);

const value = pick(online(before), action);
const best = max(slow(after), { axis: 1 });
const wanted = stopGradient(add(reward, mul(mul(best, 0.9), sub(1, over))));

export default network("dqn", {
  batch: 8,
  outputs: { values: online(before) },
  loss: huber(value, wanted),
  optimizer: adam(),
});
