using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parley.Client.Transfer.Disk;

/// <summary>What is behind a name.</summary>
internal enum FileType
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link, or another reparse point.</summary>
    Link,

    /// <summary>A device, a pipe, a socket.</summary>
    Special,
}

/// <summary>What the file system says of a name, links not followed.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedNs">Last write, in nanoseconds since 1970, UTC.</param>
/// <param name="IsExecutable">Its owner may run it.</param>
/// <param name="ChangedNs">Last change of content or of name and mode, which nobody can set back; 0 where the system has none.</param>
/// <param name="Node">The file's own number; 0 where the system does not say.</param>
/// <param name="Device">The number of its file system.</param>
/// <param name="IsOurs">It belongs to the user who asks, as far as the system says.</param>
internal readonly record struct FileFacts(FileType Type, long Size, long ModifiedNs, bool IsExecutable, long ChangedNs, ulong Node, ulong Device, bool IsOurs = true)
{
    /// <summary>A number that changes whenever the file was written, or another took its place; says nothing else.</summary>
    public ulong Stamp
    {
        get
        {
            Span<byte> facts = stackalloc byte[40];
            BinaryPrimitives.WriteInt64BigEndian(facts, Size);
            BinaryPrimitives.WriteInt64BigEndian(facts[8..], ModifiedNs);
            BinaryPrimitives.WriteInt64BigEndian(facts[16..], ChangedNs);
            BinaryPrimitives.WriteUInt64BigEndian(facts[24..], Node);
            BinaryPrimitives.WriteUInt64BigEndian(facts[32..], Device);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(facts, hash);
            return BinaryPrimitives.ReadUInt64BigEndian(hash);
        }
    }
}
