using Parley.Gateway.A2a;

namespace Parley.Gateway.Client.Bindings;

/// <summary>What every call says beside its request: version, extensions, who calls.</summary>
internal static class CallHeaders
{
    /// <summary>The headers; on gRPC they are metadata.</summary>
    public static async ValueTask<IReadOnlyList<KeyValuePair<string, string>>> MakeAsync(A2aEndpoint endpoint, A2aClientOptions options, Uri url, CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>> { new(A2aNegotiation.VersionHeader, endpoint.VersionText) };
        if (options.Extensions.Count > 0)
        {
            headers.Add(new(endpoint.Version == A2aVersion.V03 ? A2aNegotiation.OldExtensionsHeader : A2aNegotiation.ExtensionsHeader, string.Join(", ", options.Extensions)));
        }

        if (options.Credentials is { } credentials && await credentials.FindAsync(url, cancellationToken) is { } credential)
        {
            headers.Add(new(credential.Header, credential.Value));
        }

        return headers;
    }
}
