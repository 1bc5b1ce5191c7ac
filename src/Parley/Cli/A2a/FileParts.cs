using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary>Files as they travel inside a message.</summary>
internal static class FileParts
{
    /// <summary>Reads a file and hashes it.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MessageTooLarge"/>; <see cref="ErrorCode.InvalidArgument"/>: it cannot be read.</exception>
    public static async Task<FilePart> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MessagingLimits.MaxContentBytes)
            {
                throw new ParleyException(ErrorCode.MessageTooLarge, "A file is at most 16 MiB here; parley p2p send has no limit.");
            }

            var content = await File.ReadAllBytesAsync(path, cancellationToken);
            return new FilePart { Name = file.Name, Content = UnsafeByteOperations.UnsafeWrap(content), Sha256 = ByteString.CopyFrom(SHA256.HashData(content)) };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The file cannot be read: {exception.Message}", exception);
        }
    }
}
