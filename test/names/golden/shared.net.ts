import { add, dense, input, layer, network, relu, type Tensor } from "tapeless";

type Rows = Tensor<readonly ["batch", number]>;

const left: Rows = input("left", ["batch", 8]);
const right: Rows = input("right", ["batch", 8]);
const tower = layer((v: Rows): Rows => {
  const hidden = relu(dense(v, 8));
  return dense(hidden, 8);
});
const makeLayer = (units: number) => layer((v: Rows): Rows => dense(relu(dense(v, units)), 8));
const [first, second] = [makeLayer(4), makeLayer(2)];
const net = {
  up: layer((v: Rows): Rows => dense(v, 8)),
  named: layer((v: Rows): Rows => dense(v, 8), { name: "critic" }),
};
const a = first(second(tower(left)));
const b = second(first(tower(right)));

export default network("shared", { batch: 4, outputs: { y: net.named(net.up(net.up(add(a, b)))) } });
