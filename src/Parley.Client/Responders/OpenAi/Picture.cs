using Parley.Gateway.OpenAi;

namespace Parley.Client.Responders.OpenAi;

/// <summary>Which parts of a message a model is shown as pictures. Pure.</summary>
internal static class Picture
{
    /// <summary>The picture; null for what stays text.</summary>
    /// <param name="part">A part of a message.</param>
    /// <param name="maxBytes">Largest picture; 0 shows none, addresses included.</param>
    public static ChatPart.Image? Of(RequestPart part, long maxBytes) => part switch
    {
        _ when maxBytes <= 0 => null,
        RequestPart.Attached { File: var file } when file.Content.Length <= maxBytes && TypeOf(file.MediaType) is { } type => new ChatPart.Image(null, type, file.Content.Bytes),
        RequestPart.Link link when link.MediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && IsPublic(link.Url) => new ChatPart.Image(link.Url, link.MediaType, default),
        _ => null,
    };

    // What models take everywhere.
    private static string? TypeOf(string? mediaType) => mediaType?.Split(';')[0].Trim().ToLowerInvariant() switch
    {
        "image/png" => "image/png",
        "image/jpeg" or "image/jpg" => "image/jpeg",
        "image/gif" => "image/gif",
        "image/webp" => "image/webp",
        _ => null,
    };

    // The model's server fetches it, and often stands in the owner's own network: a stranger may not point it at what lies there.
    private static bool IsPublic(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") && url.UserInfo.Length == 0 &&
        url.HostNameType == UriHostNameType.Dns && IsPublicName(url.IdnHost);

    private static bool IsPublicName(string host)
    {
        var labels = host.TrimEnd('.').ToLowerInvariant().Split('.');
        return labels.Length > 1 && labels[^1] is not ("localhost" or "local" or "internal" or "intranet" or "lan" or "home" or "corp" or "arpa" or "test" or "invalid" or "onion");
    }
}
