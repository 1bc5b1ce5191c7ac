using Microsoft.Win32.SafeHandles;

namespace Parley.Client.Transfer.Receiving;

/// <summary>The file of several chunks that is on its way.</summary>
internal sealed class OpenFile(int entry, string key, IEnumerable<byte[]> kept, long size, long now)
{
    /// <summary>Its number in the manifest.</summary>
    public int Entry { get; } = entry;

    /// <summary>Names its partial file.</summary>
    public string Key { get; } = key;

    /// <summary>Where its bytes go; null before the first one comes.</summary>
    public PartialFile? File { get; set; }

    /// <summary>The file that has its name here, when the two are compared.</summary>
    public SafeFileHandle? Basis { get; set; }

    /// <summary>Hashes of the chunks so far.</summary>
    public List<byte[]> Hashes { get; } = [.. kept];

    /// <summary>Bytes so far.</summary>
    public long Size { get; set; } = size;

    /// <summary>A short chunk came: nothing may follow.</summary>
    public bool HasEnded { get; set; }

    /// <summary>A chunk came that the file here does not have.</summary>
    public bool HasChanged { get; set; }

    /// <summary>When it was flushed last.</summary>
    public long SyncedAt { get; set; } = now;

    /// <summary>Lets go of the files.</summary>
    public void Close()
    {
        File?.Dispose();
        Basis?.Dispose();
    }
}
