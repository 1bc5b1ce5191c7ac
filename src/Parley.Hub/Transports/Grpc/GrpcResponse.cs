using System.Globalization;
using Microsoft.AspNetCore.Http;
using Parley.Protocol.Grpc;

namespace Parley.Hub.Transports.Grpc;

/// <summary>How a call's end looks on HTTP/2.</summary>
internal static class GrpcResponse
{
    /// <summary>Writes the status: as trailers, or as the only headers when nothing was sent yet.</summary>
    public static void End(HttpContext context, GrpcStatus status, GrpcMetadata? trailers)
    {
        var response = context.Response;
        if (!response.HasStarted)
        {
            response.ContentType = GrpcHeaders.ContentType;
        }

        foreach (var (name, value) in trailers ?? new GrpcMetadata())
        {
            Append(response, name, value);
        }

        Append(response, GrpcHeaders.Status, ((int)status.Code).ToString(CultureInfo.InvariantCulture));
        if (status.Detail.Length > 0)
        {
            Append(response, GrpcHeaders.Message, GrpcMessageText.Encode(status.Detail));
        }

        if (!status.Details.IsEmpty)
        {
            Append(response, GrpcHeaders.StatusDetails, GrpcMetadata.EncodeBytes(status.Details.Span));
        }
    }

    private static void Append(HttpResponse response, string name, string value)
    {
        if (response.HasStarted)
        {
            response.AppendTrailer(name, value);
        }
        else
        {
            response.Headers.Append(name, value);
        }
    }
}
