"""External memories of the literature, trained by gradients: PyTorch modules, batched, on any device.

Imported only by those who train or use them: importing :mod:`memory_store` never imports torch.
"""
