using Microsoft.Win32.SafeHandles;
using Parley.Client.Transfer.Disk;

namespace Parley.Tests.Transfer;

/// <summary>A folder at which something happens in the middle of what is done, or some things cannot be done.</summary>
internal sealed class HookedFolder(Folder inner) : Folder
{
    /// <summary>What happens right before a file gets its name.</summary>
    public Action BeforeNaming { get; init; } = static () => { };

    /// <summary>Names that cannot be removed.</summary>
    public string[] Stuck { get; init; } = [];

    /// <summary>What is listed although nobody can say its name.</summary>
    public string[] Ghosts { get; init; } = [];

    /// <summary>What happens before a name is looked at.</summary>
    public Action<string> BeforeLooking { get; init; } = static _ => { };

    public override Folder? Enter(string name, bool makes) =>
        inner.Enter(name, makes) is { } folder ? new HookedFolder(folder) { BeforeNaming = BeforeNaming, Stuck = Stuck, Ghosts = Ghosts, BeforeLooking = BeforeLooking } : null;

    public override FileFacts? Look(string name)
    {
        BeforeLooking(name);
        return inner.Look(name);
    }

    public override SafeFileHandle? Create(string name, int mode) => inner.Create(name, mode);

    public override SafeFileHandle? OpenFile(string name, bool writes) => inner.OpenFile(name, writes);

    public override bool TryName(string temporary, string name)
    {
        BeforeNaming();
        return inner.TryName(temporary, name);
    }

    public override void Replace(string temporary, string name) => inner.Replace(temporary, name);

    public override void Delete(string name)
    {
        if (Stuck.Contains(name))
        {
            throw new IOException("It is held.");
        }

        inner.Delete(name);
    }

    public override void DeleteFolder(string name) => inner.DeleteFolder(name);

    public override void SetModified(long modifiedNs) => inner.SetModified(modifiedNs);

    public override void SetModified(SafeFileHandle file, long modifiedNs) => inner.SetModified(file, modifiedNs);

    public override IReadOnlyList<string> List() => [.. inner.List(), .. Ghosts];

    public override void Sync() => inner.Sync();

    public override void Dispose() => inner.Dispose();
}
