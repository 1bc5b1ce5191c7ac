using System.Text;
using Parley.Gateway.A2a;
using Parley.Gateway.JsonRpc;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire.Rpc;
using Parley.Testing;

namespace Parley.Tests.A2a;

public sealed class A2aErrorsTests
{
    [Fact]
    public void Every_error_looks_on_each_binding_as_the_golden_file_has_it()
    {
        var text = new StringBuilder();
        foreach (var row in ErrorMap.Rows)
        {
            var own = A2aErrorRow.Of(row.Code);
            text.Append($"{row.WireName} | {own.Domain} {own.Reason} | {own.JsonRpc} | {A2aErrors.StatusName(own.Grpc)} | {own.Http}\n");
        }

        Golden.Verify("a2a-errors", text.ToString());
    }

    [Theory]
    [InlineData(ErrorCode.TaskUnknown, "TASK_NOT_FOUND", -32001, "NOT_FOUND", 404)]
    [InlineData(ErrorCode.TaskNotCancelable, "TASK_NOT_CANCELABLE", -32002, "FAILED_PRECONDITION", 400)]
    [InlineData(ErrorCode.PushNotSupported, "PUSH_NOTIFICATION_NOT_SUPPORTED", -32003, "FAILED_PRECONDITION", 400)]
    [InlineData(ErrorCode.OperationNotSupported, "UNSUPPORTED_OPERATION", -32004, "FAILED_PRECONDITION", 400)]
    [InlineData(ErrorCode.ContentTypeNotSupported, "CONTENT_TYPE_NOT_SUPPORTED", -32005, "INVALID_ARGUMENT", 400)]
    [InlineData(ErrorCode.AgentAnswerInvalid, "INVALID_AGENT_RESPONSE", -32006, "INTERNAL", 500)]
    [InlineData(ErrorCode.ExtendedCardMissing, "EXTENDED_AGENT_CARD_NOT_CONFIGURED", -32007, "FAILED_PRECONDITION", 400)]
    [InlineData(ErrorCode.ExtensionRequired, "EXTENSION_SUPPORT_REQUIRED", -32008, "FAILED_PRECONDITION", 400)]
    [InlineData(ErrorCode.ProtocolVersion, "VERSION_NOT_SUPPORTED", -32009, "FAILED_PRECONDITION", 400)]
    public void The_rows_of_1_0_1_are_ours(ErrorCode code, string reason, int jsonRpc, string grpc, int http)
    {
        var row = A2aErrorRow.Of(code);

        Assert.Equal((reason, "a2a-protocol.org", jsonRpc, grpc, http), (row.Reason, row.Domain, row.JsonRpc, A2aErrors.StatusName(row.Grpc), row.Http));
        Assert.Equal((ErrorMap.Of(code).JsonRpc, ErrorMap.Of(code).Grpc), (row.JsonRpc, row.Grpc));
        Assert.Equal((code, code), (A2aErrorRow.FromJsonRpc(jsonRpc), A2aErrorRow.FromReason(reason)));
    }

    [Theory]
    [InlineData(ErrorCode.JsonInvalid, -32700, 400)]
    [InlineData(ErrorCode.ProtocolViolation, -32600, 400)]
    [InlineData(ErrorCode.MethodUnknown, -32601, 404)]
    [InlineData(ErrorCode.InvalidArgument, -32602, 400)]
    [InlineData(ErrorCode.Internal, -32603, 500)]
    public void The_errors_of_JSON_RPC_itself_are_in_the_catalogue(ErrorCode code, int jsonRpc, int http) =>
        Assert.Equal((jsonRpc, http, code), (A2aErrorRow.Of(code).JsonRpc, A2aErrorRow.Of(code).Http, A2aErrorRow.FromJsonRpc(jsonRpc)));

    [Fact]
    public void REST_has_the_error_with_its_details() =>
        Assert.Equal(
            """{"error":{"code":404,"status":"NOT_FOUND","message":"No such task.","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"TASK_NOT_FOUND","domain":"a2a-protocol.org","metadata":{}}]}}""",
            Encoding.UTF8.GetString(A2aErrors.ToRest(new ParleyException(ErrorCode.TaskUnknown, "No such task.")).Span));

    [Fact]
    public void JSON_RPC_has_the_details_as_data_with_the_wrong_member() =>
        Assert.Equal(
            """{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Bad.","data":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"INVALID_ARGUMENT","domain":"parley","metadata":{}},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"message","description":"Bad."}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}]}}""",
            Encoding.UTF8.GetString(JsonRpcAnswer.Error("7", new ParleyException(ErrorCode.InvalidArgument, "Bad.") { Field = "message", RetryAfter = TimeSpan.FromSeconds(1.5) }).Span));

    [Fact]
    public void GRPC_has_the_details_in_its_status()
    {
        var status = A2aErrors.ToGrpc(new ParleyException(ErrorCode.TaskUnknown, "No such task.") { Field = "id", RetryAfter = TimeSpan.FromSeconds(1) });

        var details = Status.Parser.ParseFrom(status.Details.Span);
        Assert.Equal(((int)status.Code, "TASK_NOT_FOUND", "id", 1L),
            (details.Code, details.Details[0].Unpack<ErrorInfo>().Reason, details.Details[1].Unpack<BadRequest>().FieldViolations[0].Field, details.Details[2].Unpack<RetryInfo>().RetryDelay.Seconds));
    }
}
