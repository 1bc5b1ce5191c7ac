using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Parley.Protocol.Errors;

namespace Parley.Gateway.ProtoJson;

/// <summary>One way to write the messages of the .proto files as JSON, and back. Three exist; they are immutable and shared.</summary>
public sealed class JsonDialect
{
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ConcurrentDictionary<MessageDescriptor, MessageShape> _shapes = [];
    private readonly ConcurrentDictionary<EnumDescriptor, EnumShape> _enums = [];
    private readonly IReadOnlyDictionary<string, ShapeRule> _rules;
    private readonly Func<EnumValueDescriptor, string> _nameOf;
    private readonly ProtoJsonReader _reader;
    private readonly ProtoJsonWriter _writer;
    private readonly ScalarReader _scalars;

    private JsonDialect(IReadOnlyDictionary<string, ShapeRule> rules, Func<EnumValueDescriptor, string> nameOf)
    {
        _rules = rules;
        _nameOf = nameOf;
        _reader = new ProtoJsonReader(this);
        _writer = new ProtoJsonWriter(this);
        _scalars = new ScalarReader(this);
    }

    /// <summary>A2A 1.0: ProtoJSON of <c>lf.a2a.v1</c>.</summary>
    public static JsonDialect V1 { get; } = new(DialectRules.V1, value => value.Name);

    /// <summary>A2A 0.3 as its schema has it, with <c>kind</c> and lower-case states: messages of <c>a2a.v1</c>, and requests of <c>lf.a2a.v1</c> that name a task by <c>id</c>.</summary>
    public static JsonDialect Kind { get; } = new(DialectRules.Kind, DialectRules.KindName);

    /// <summary>A2A 0.3 as ProtoJSON of <c>a2a.v1</c>, which some of its REST clients and servers speak.</summary>
    public static JsonDialect V03 { get; } = new(DialectRules.V03, value => value.Name);

    /// <summary>Reads a message.</summary>
    /// <param name="json">The text, UTF-8.</param>
    /// <param name="limits">How large and deep it may be.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.JsonInvalid"/> no JSON; <see cref="ErrorCode.InvalidArgument"/> JSON that does not fit the type;
    /// <see cref="ErrorCode.MessageTooLarge"/> beyond the limit.</exception>
    public T Parse<T>(ReadOnlySpan<byte> json, JsonLimits limits)
        where T : class, IMessage<T>, new()
    {
        if (json.Length > limits.MaxBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The text is larger than this side reads.");
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
            reader.Read();
            var message = typeof(T) == typeof(Struct) ? ReadStruct(ref reader) : _reader.Read(ref reader, new T().Descriptor);
            return reader.Read() ? throw new ParleyException(ErrorCode.JsonInvalid, JsonText.NotJson) : (T)message;
        }
        catch (JsonException exception)
        {
            throw new ParleyException(ErrorCode.JsonInvalid, JsonText.NotJson, exception);
        }
    }

    /// <summary>Writes a message where the writer stands.</summary>
    public void Write(Utf8JsonWriter writer, IMessage message) => _writer.Write(writer, message);

    /// <summary>The message as UTF-8 text, compact.</summary>
    public ReadOnlyMemory<byte> ToBytes(IMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            _writer.Write(writer, message);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Sets fields from the query of a URL: <c>historyLength=5</c>. Unknown names are skipped, as unknown members are.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for a value that does not fit its field.</exception>
    public void ReadQuery(IMessage message, IEnumerable<KeyValuePair<string, string>> query)
    {
        var shape = Of(message.Descriptor);
        foreach (var (name, text) in query)
        {
            if (shape.Find(name) is not { Field.IsRepeated: false } field || text.Length == 0)
            {
                continue;
            }

            if (field.Field.FieldType != FieldType.Message)
            {
                field.Accessor.SetValue(message, _scalars.FromText(text, field.Field, field.Label));
            }
            else if (field.Field.MessageType.FullName == Timestamp.Descriptor.FullName)
            {
                // A plus sign in a query that nobody escaped arrives as a space.
                field.Accessor.SetValue(message, TimestampText.TryParse(text.Replace(' ', '+'), out var time)
                    ? time
                    : throw new ParleyException(ErrorCode.InvalidArgument, $"{field.Label}: expected a time as RFC 3339 writes it.") { Field = field.Label });
            }
        }
    }

    internal MessageShape Of(MessageDescriptor message) =>
        _shapes.GetOrAdd(message, static (type, rules) => new MessageShape(type, rules.GetValueOrDefault(type.FullName, ShapeRule.Plain)), _rules);

    internal EnumShape Of(EnumDescriptor type) => _enums.GetOrAdd(type, static (type, nameOf) => new EnumShape(type, nameOf), _nameOf);

    private static Struct ReadStruct(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.StartObject
        ? FreeJson.ReadObject(ref reader)
        : throw new ParleyException(ErrorCode.InvalidArgument, "Expected an object.");
}
