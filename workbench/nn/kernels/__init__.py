"""Back-propagation through time by hand: one module for each family of cells.

Every kernel gets what the input contributes to all steps at once, `projected`, and does only what has to wait for the step
before: forwards one product per step into preallocated states; backwards the element-wise derivatives of the whole sequence
first, then one product per step, and the gradient of the recurrent weights as one product at the end. The layers beside
hold the same equations step by step (`kernel = loop`); these are the definition, and the tests hold the two together.

Shapes are time first: T steps, B sequences, H units.
"""
