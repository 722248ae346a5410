"""C3D, TRC, STO/MOT and HDF5: the only rooms that know a file format."""
