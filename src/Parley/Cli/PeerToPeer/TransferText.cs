using System.Globalization;
using System.Text.Json;
using Parley.Client.Peering;
using Parley.Client.Transfer;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Cli.PeerToPeer;

/// <summary>How transfers are told: to people on standard error, to programs as JSON on standard output.</summary>
internal static class TransferText
{
    private const int MaxShownFailures = 20;

    /// <summary>Which paths <c>--path</c> allows.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static IReadOnlyCollection<PathKind> PathsOf(string word) => word switch
    {
        "auto" => Enum.GetValues<PathKind>(),
        "direct" => [PathKind.DirectTcp],
        "webrtc" => [PathKind.DirectUdp],
        "relay" => [PathKind.Relayed],
        _ => throw new ParleyException(ErrorCode.InvalidArgument, "--path is auto, direct, webrtc or relay."),
    };

    /// <summary>Tells how a transfer ended.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="result">The outcome.</param>
    /// <param name="verb">What this end did.</param>
    /// <param name="other">The other end, where its name is of interest.</param>
    /// <returns>The exit code: that of the first file that failed.</returns>
    public static int Finish(CommandContext context, TransferResult result, string verb, string? other)
    {
        foreach (var failure in result.Failures.Take(MaxShownFailures))
        {
            context.Terminal.Note($"{Line(failure.Path)}: {Line(failure.Reason)}");
        }

        if (result.FailedCount > Math.Min(result.Failures.Count, MaxShownFailures))
        {
            context.Terminal.Note($"and {result.FailedCount - Math.Min(result.Failures.Count, MaxShownFailures)} more that failed");
        }

        if (context.IsJson)
        {
            var seconds = Math.Round(result.Elapsed.TotalSeconds, 3);
            var json = new P2pTransferJson(result.Transfer, PathKindName.WordOf(result.Path), result.Files, result.Bytes, seconds, result.Sha256)
            {
                Agent = other,
                Unchanged = NullIfNone(result.Unchanged),
                Deleted = NullIfNone(result.Deleted),
                Failed = NullIfNone(result.FailedCount),
            };
            context.Terminal.WriteJson(JsonSerializer.Serialize(json, P2pJson.Compact.P2pTransferJson));
        }
        else
        {
            context.Terminal.Note(SummaryOf(result, verb, other));
        }

        return result.FailedCount == 0 ? 0 : result.Failures.Count > 0 ? ErrorMap.Of(result.Failures[0].Code).Exit : 1;
    }

    /// <summary>One line for a bar.</summary>
    public static Meter.Reading Read(TransferProgress progress)
    {
        var text = progress.IsConnecting ? "looking for a path" :
            progress.IsDeciding ? "waiting for the receiver" :
            $"{(progress.Path is { } path ? PathKindName.Of(path) : string.Empty)} {Shorten(progress.Current)}";
        return new Meter.Reading(progress.Bytes, progress.TotalBytes, text);
    }

    /// <summary>A text of others as one line.</summary>
    public static string Line(string text) => SafeText.Line(text.Replace('\t', ' '));

    private static string SummaryOf(TransferResult result, string verb, string? other)
    {
        var seconds = Math.Max(result.Elapsed.TotalSeconds, 0.001);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{verb}{(other is null ? string.Empty : " " + other)}: {result.Files} {(result.Files == 1 ? "file" : "files")}, {SizeText.Format(result.Bytes)} in {seconds:0.0} s ({SizeText.Format((long)(result.Bytes / seconds))}/s), {PathKindName.Of(result.Path)}");
        text += result.Unchanged > 0 ? $"; {result.Unchanged} not needed" : string.Empty;
        text += result.Deleted > 0 ? $"; {result.Deleted} removed" : string.Empty;
        return text + (result.Sha256 is { } hash ? $"; sha256 {hash}" : string.Empty);
    }

    private static int? NullIfNone(int count) => count == 0 ? null : count;

    private static string Shorten(string name)
    {
        const int Longest = 30;
        return name.Length <= Longest ? name : string.Concat("...", name.AsSpan(name.Length - Longest));
    }
}
