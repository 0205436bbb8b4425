// @actions/core can tell which platform it runs on, and loads a runner of programs for that. Loaded when it is asked.
export const getExecOutput = async (...given) => {
  const loaded = await import(/* webpackMode: "eager" */ '../../../node_modules/@actions/exec/lib/exec.js');
  return loaded.getExecOutput(...given);
};
