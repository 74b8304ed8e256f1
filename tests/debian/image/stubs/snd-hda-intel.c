// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the emulated audio function as its real driver would, and does nothing with it: the real one
 * waits for hardware that is not there.
 */
#include <linux/module.h>
#include <linux/pci.h>

static int stub_probe(struct pci_dev *device, const struct pci_device_id *id)
{
	return pci_enable_device(device);
}

static void stub_remove(struct pci_dev *device)
{
	pci_disable_device(device);
}

static const struct pci_device_id stub_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_INTEL, 0x54c8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, stub_ids);

static struct pci_driver stub_driver = {
	.name = "snd_hda_intel",
	.id_table = stub_ids,
	.probe = stub_probe,
	.remove = stub_remove,
};
module_pci_driver(stub_driver);

MODULE_DESCRIPTION("Stand-in for snd_hda_intel on a test host");
MODULE_LICENSE("GPL");
