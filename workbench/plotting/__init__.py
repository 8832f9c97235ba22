"""Line charts in text: decimation, smoothing, axes and drawing. Neither torch nor textual here."""
