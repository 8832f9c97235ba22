"""Back-propagation through time by hand: one module for each family of cells.

Every kernel gets the inputs of all steps and does only what has to wait for the step before. Forwards the inputs' share of all
steps is one product, straight into the place where the steps' sums are then completed, one product per step. Backwards the
element-wise derivatives of the whole sequence come first, then one product per step, and the gradient of every matrix is one
product at the end. The layers beside hold the same equations step by step (`kernel = loop`); these are the definition, and the
tests hold the two together.

Shapes are time first: T steps, B sequences, F features of an input, H units.
"""
