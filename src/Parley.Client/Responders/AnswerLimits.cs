using Parley.Protocol.Messaging;

namespace Parley.Client.Responders;

/// <summary>How large an answer may become.</summary>
/// <param name="MaxOutputBytes">Bytes of answer text or standard output, and again of standard error. Default 1 MiB, at most 6 MiB, so that both streams and a file fit a reply.</param>
/// <param name="MaxFileBytes">Bytes of all files together. Default 16 MiB; what the text leaves of a reply is what counts.</param>
/// <param name="MaxFiles">Number of files. Default 64.</param>
public sealed record AnswerLimits(int MaxOutputBytes = AnswerLimits.DefaultOutputBytes, int MaxFileBytes = MessagingLimits.MaxContentBytes, int MaxFiles = 64)
{
    /// <summary>Default cap of each output stream in bytes: 1 MiB.</summary>
    public const int DefaultOutputBytes = 1024 * 1024;

    /// <summary>Largest cap of each output stream that fits a reply, in bytes: 6 MiB.</summary>
    public const int LargestOutputBytes = 6 * 1024 * 1024;
}
