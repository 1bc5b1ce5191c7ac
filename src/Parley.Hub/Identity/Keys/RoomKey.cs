using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Identity.Keys;

/// <summary>The key that marks room tokens as this hub's: made at the first start, kept in <c>rooms.key</c> (mode 0600). All that rooms leave on the disk.</summary>
internal static class RoomKey
{
    /// <summary>The file in the data folder.</summary>
    public const string FileName = "rooms.key";

    /// <summary>Its length in bytes.</summary>
    public const int Length = 32;

    /// <summary>Reads the key, and makes it at the first start.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="fill">The source of randomness.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>; <see cref="ErrorCode.IntegrityFailed"/>: the file holds something else.</exception>
    public static byte[] Open(string dataFolder, FillRandom fill)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            var made = new byte[Length];
            fill(made);
            SecretFile.Write(path, made);
        }

        var key = SecretFile.Read(path);
        return key.Length == Length ? key : throw new ParleyException(ErrorCode.IntegrityFailed, $"The file {path} is damaged: delete it, and a new one is made at the next start.");
    }
}
