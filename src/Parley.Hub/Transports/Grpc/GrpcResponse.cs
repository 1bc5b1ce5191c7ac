using System.Globalization;
using Microsoft.AspNetCore.Http;
using Parley.Protocol.Grpc;

namespace Parley.Hub.Transports.Grpc;

/// <summary>How a call's end looks on HTTP/2.</summary>
internal static class GrpcResponse
{
    /// <summary>Writes the status: as trailers, or as the only headers when there is nothing before it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status.</param>
    /// <param name="trailers">Metadata that goes with it.</param>
    /// <param name="hasBody">Messages were appended, though perhaps not flushed: the headers are not the end, even if they can still be changed.</param>
    public static void End(HttpContext context, GrpcStatus status, GrpcMetadata? trailers, bool hasBody)
    {
        var response = context.Response;
        var asTrailers = hasBody || response.HasStarted;
        if (!response.HasStarted)
        {
            response.ContentType = GrpcHeaders.ContentType;
        }

        foreach (var (name, value) in trailers ?? new GrpcMetadata())
        {
            Append(response, asTrailers, name, value);
        }

        Append(response, asTrailers, GrpcHeaders.Status, ((int)status.Code).ToString(CultureInfo.InvariantCulture));
        if (status.Detail.Length > 0)
        {
            Append(response, asTrailers, GrpcHeaders.Message, GrpcMessageText.Encode(status.Detail));
        }

        if (!status.Details.IsEmpty)
        {
            Append(response, asTrailers, GrpcHeaders.StatusDetails, GrpcMetadata.EncodeBytes(status.Details.Span));
        }
    }

    private static void Append(HttpResponse response, bool asTrailer, string name, string value)
    {
        if (asTrailer)
        {
            response.AppendTrailer(name, value);
        }
        else
        {
            response.Headers.Append(name, value);
        }
    }
}
