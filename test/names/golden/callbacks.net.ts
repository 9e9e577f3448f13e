import { add, concat, dense, input, network, relu } from "tapeless";

const x = input("x", ["batch", 8]);
const heads = [4, 4].map((units) => relu(dense(x, units)));
const blocks = [8, 8].map((units) => {
  const query = dense(x, units);
  const key = dense(query, units);
  return add(query, key);
});
const tail = [1, 2, 3].reduce((v) => relu(dense(v, 8)), add(blocks[0]!, blocks[1]!));
const joined = concat([...heads, tail], { axis: 1 });

export default network("callbacks", { batch: 4, outputs: { joined } });
