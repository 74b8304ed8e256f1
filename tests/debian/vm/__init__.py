"""The Debian host as a machine under QEMU: real kernel, boot loader, IOMMU and vfio."""
