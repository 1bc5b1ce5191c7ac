using System.Collections.Frozen;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Protocol.Wire.Rpc;

namespace Parley.Gateway.A2a;

/// <summary>The codes that reasons of error details name: A2A's in its domain, ours in ours.</summary>
internal static class GrpcReason
{
    private static readonly FrozenDictionary<string, ErrorCode> _ours = ErrorMap.Rows.ToFrozenDictionary(row => row.WireName.Replace('.', '_').ToUpperInvariant(), row => row.Code);

    /// <summary>The code of a reason; null for one that says nothing here. A defect of another hub is not one of ours.</summary>
    public static ErrorCode? Find(string? domain, string reason) => domain switch
    {
        GrpcErrorDetails.Domain => _ours.TryGetValue(reason, out var code) ? code == ErrorCode.Internal ? ErrorCode.ResponderFailed : code : null,
        _ => A2aErrorRow.FromReason(reason),
    };

    /// <summary>The code that the details of a gRPC status name.</summary>
    public static ErrorCode? Read(ReadOnlyMemory<byte> details)
    {
        try
        {
            return Status.Parser.ParseFrom(details.Span).Details
                .Select(detail => detail.TryUnpack<ErrorInfo>(out var info) ? Find(info.Domain, info.Reason) : null)
                .FirstOrDefault(code => code is not null);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
