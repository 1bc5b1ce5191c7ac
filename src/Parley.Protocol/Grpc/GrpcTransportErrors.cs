using System.Globalization;
using System.Net.Http.Headers;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>What HTTP/2 headers, statuses and resets mean in gRPC's terms.</summary>
internal static class GrpcTransportErrors
{
    /// <summary>The custom metadata among headers.</summary>
    public static GrpcMetadata ReadMetadata(HttpHeaders headers)
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
            {
                metadata.AddReceived(name, value);
            }
        }

        return metadata;
    }

    /// <summary>The status among headers or trailers; null when there is none.</summary>
    public static GrpcStatus? ReadStatus(HttpHeaders headers)
    {
        if (Get(headers, GrpcHeaders.Status) is not { } text)
        {
            return null;
        }

        var isKnown = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 16;
        var details = Get(headers, GrpcHeaders.StatusDetails) is { } encoded && GrpcMetadata.TryDecodeBytes(encoded, out var bytes) ? bytes : [];
        return new GrpcStatus(
            isKnown ? (GrpcStatusCode)number : GrpcStatusCode.Unknown,
            GrpcMessageText.Decode(Get(headers, GrpcHeaders.Message) ?? string.Empty))
        {
            Details = details,
        };
    }

    /// <summary>A response that is not gRPC, by its HTTP status ("HTTP to gRPC Status Code Mapping").</summary>
    public static GrpcStatus FromHttp(HttpResponseMessage response) => new(
        (int)response.StatusCode switch
        {
            400 => GrpcStatusCode.Internal,
            401 => GrpcStatusCode.Unauthenticated,
            403 => GrpcStatusCode.PermissionDenied,
            404 => GrpcStatusCode.Unimplemented,
            429 or 502 or 503 or 504 => GrpcStatusCode.Unavailable,
            _ => GrpcStatusCode.Unknown,
        },
        $"The server answered HTTP {(int)response.StatusCode} and not gRPC.");

    /// <summary>A failure of the transport; a reset by its HTTP/2 error code ("Errors").</summary>
    public static GrpcStatus ToStatus(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException reset)
            {
                return FromReset(reset.ErrorCode);
            }
        }

        return exception is HttpRequestException or IOException or ObjectDisposedException
            ? new GrpcStatus(GrpcStatusCode.Unavailable, "The connection failed.")
            : new GrpcStatus(GrpcStatusCode.Unknown, "The call failed.");
    }

    private static GrpcStatus FromReset(long errorCode) => errorCode switch
    {
        0x7 => new GrpcStatus(GrpcStatusCode.Unavailable, "The server refused the stream."),
        0x8 => new GrpcStatus(GrpcStatusCode.Cancelled, "The server cancelled the stream."),
        0xB => new GrpcStatus(GrpcStatusCode.ResourceExhausted, "The server asks for fewer requests."),
        0xC => new GrpcStatus(GrpcStatusCode.PermissionDenied, "The server asks for better transport security."),
        _ => new GrpcStatus(GrpcStatusCode.Internal, string.Create(CultureInfo.InvariantCulture, $"The stream was reset with HTTP/2 error {errorCode}.")),
    };

    private static string? Get(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.LastOrDefault() : null;
}
