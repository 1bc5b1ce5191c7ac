using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Receiving;

/// <content>The end: folders, what is removed, and the result.</content>
internal sealed partial class Intake
{
    private async ValueTask EndAsync()
    {
        if (_open is not null)
        {
            throw WireReader.Broken();
        }

        if (Result is not null)
        {
            // Its sender did not hear it on the last path.
            return;
        }

        for (var entry = 0; entry < _states.Length; entry++)
        {
            if (_states[entry].Status == EntryStatus.Pending && manifest.Entries[entry].Kind != EntryKind.Folder)
            {
                GiveUp(entry, new Refusal(ErrorCode.ProtocolViolation, "The sender left it out."), isTold: false);
            }
        }

        var isPruned = (manifest.Mode & TransferMode.Delete) != 0 && options.AllowsDelete && _failures == 0;
        var (deleted, left) = isPruned ? new TreePruner(root, manifest).Prune() : (0, new Dictionary<int, int>());
        _cursor.Reset();
        FinishFolders();
        foreach (var (folder, count) in left)
        {
            GiveUp(folder, new Refusal(ErrorCode.TransferFile, $"The receiver could not remove {count} of the files and folders in it that the sender does not have."), isTold: false);
        }

        var hash = await _report.FinishAsync();
        Result = new ResultFrame(_files, _bytes, _unchanged, _failures, deleted, hash);
    }

    // The deepest first, so that no time is changed by what is made later.
    private void FinishFolders()
    {
        for (var entry = manifest.Entries.Count - 1; entry >= 0; entry--)
        {
            if (manifest.Entries[entry].Kind != EntryKind.Folder || _states[entry].Status == EntryStatus.Failed)
            {
                continue;
            }

            try
            {
                _cursor.Enter(manifest.Entries[entry].Path, makes: true)!.SetModified(manifest.Entries[entry].ModifiedNs);
            }
            catch (Exception exception) when (DiskFaults.IsOfFile(exception))
            {
                GiveUp(entry, Refusal.Of(DiskFaults.Of(exception)), isTold: false);
            }
        }
    }
}
